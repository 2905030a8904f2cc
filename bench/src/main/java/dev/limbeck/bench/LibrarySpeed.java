package dev.limbeck.bench;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Subgraph;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.learn.BlockDistillation;
import dev.limbeck.learn.BlockOptions;
import dev.limbeck.learn.FashionMnist;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.search.Block;
import dev.limbeck.search.BlockChoice;
import dev.limbeck.search.BlockFinder;
import dev.limbeck.search.LayerType;
import dev.limbeck.search.SearchSpace;
import dev.limbeck.search.SpaceOptions;
import dev.limbeck.search.VariantBuilder;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Losses;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Optimizer;
import dev.limbeck.tensor.Optimizers;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import dev.limbeck.tensor.Threads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Time of a block library of the example's reference: as the product makes it (the teacher's activations computed once by ONNX
 * Runtime, two variants at a time on one thread each, held-out check included) and the plain way (the teacher's layers up to the
 * block recomputed in each training step, one variant after another on two threads, no check), in turns, on the same images, batches
 * and epochs. The bar is 3. Arguments: images (2000), variants of each block (2), rounds (3).
 *
 * <p>The plain way is carried out by the executor too, so the ratio is that of the methods.
 */
public final class LibrarySpeed {

    private static final int SLOTS = 2;
    private static final int BATCH = 16;
    private static final int HELD_OUT_IMAGES = 2000;
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache", "limbeck");
    private static final Path REFERENCE = Path.of("examples", "fashion-mnist", "reference.onnx");

    private final Graph reference;
    private final SearchSpace space;
    private final FloatTensor images;
    private final FloatTensor heldOut;
    private final int variants;
    private final BlockOptions options = BlockOptions.defaults();

    private LibrarySpeed(Graph reference, Splits splits, int images, int variants) {
        this.reference = reference;
        this.space = SearchSpace.of(BlockFinder.find(reference), SpaceOptions.defaults());
        this.images = fitting(splits.train(), images);
        this.heldOut = fitting(splits.validation(), HELD_OUT_IMAGES);
        this.variants = variants;
    }

    public static void main(String[] arguments) throws InterruptedException, ExecutionException {
        Locale.setDefault(Locale.ROOT);
        int images = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2000;
        int variants = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        Splits splits = FashionMnist.load(null, CACHE, Progress.NONE);
        LibrarySpeed bench = new LibrarySpeed(Graph.read(REFERENCE), splits, images, variants);
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            long start = System.nanoTime();
            bench.cached();
            double ours = secondsSince(start);
            start = System.nanoTime();
            bench.plain();
            double plain = secondsSince(start);
            ratios[round] = plain / ours;
            System.out.printf(
                    "round %d: %d variants, cached and side by side %.1f s, plain %.1f s, ratio %.2f%n",
                    round + 1, bench.tasks().size(), ours, plain, ratios[round]);
        }
        Arrays.sort(ratios);
        System.out.printf("median ratio %.2f%n", ratios[rounds / 2]);
    }

    private record Variant(Block block, BlockChoice choice) {}

    /** The same choices of every block, spread evenly over the space. */
    private List<Variant> tasks() {
        List<Variant> tasks = new ArrayList<>();
        for (int b = 0; b < space.blocks().size(); b++) {
            List<BlockChoice> choices = space.choices().get(b).stream()
                    .filter(c -> c.layer() != LayerType.REFERENCE)
                    .toList();
            for (int v = 0; v < variants; v++) {
                tasks.add(new Variant(space.blocks().get(b), choices.get(v * choices.size() / variants)));
            }
        }
        return tasks;
    }

    private void cached() throws InterruptedException, ExecutionException {
        List<String> ends = space.blocks().stream()
                .flatMap(b -> Stream.of(b.from(), b.to()))
                .distinct()
                .toList();
        Map<String, FloatTensor> trained = collect(ends, images);
        Map<String, FloatTensor> checked = collect(ends, heldOut);
        try (ExecutorService slots = Executors.newFixedThreadPool(SLOTS)) {
            List<Future<?>> trainings = new ArrayList<>();
            for (Variant task : tasks()) {
                Block block = task.block();
                trainings.add(slots.submit(() -> BlockDistillation.train(
                        VariantBuilder.build(block, task.choice(), 1),
                        trained.get(block.from()),
                        trained.get(block.to()),
                        checked.get(block.from()),
                        checked.get(block.to()),
                        options,
                        Progress.NONE)));
            }
            for (Future<?> training : trainings) {
                training.get();
            }
        }
    }

    private void plain() {
        Threads.limitTo(SLOTS);
        for (Variant task : tasks()) {
            Block block = task.block();
            Graph teacher = Subgraph.prefix(reference, block.to())
                    .edit()
                    .output(ValueInfo.unranked(block.from(), ElementType.FLOAT))
                    .build();
            // any scale of the loss costs the same
            float[] inverseVariance = new float[block.outChannels()];
            Arrays.fill(inverseVariance, 1);
            try (GraphExecutor prefix = GraphExecutor.compile(teacher);
                    GraphExecutor student = GraphExecutor.compile(VariantBuilder.build(block, task.choice(), 1));
                    Optimizer optimizer =
                            Optimizers.adamW(student.parameters(), 0.9, 0.999, 1e-8, options.weightDecay())) {
                int steps = (int) (options.epochs() * images.batch() / options.batchSize());
                SplittableRandom random = new SplittableRandom(1);
                for (int step = 0; step < steps; step++) {
                    int[] items =
                            random.ints(options.batchSize(), 0, images.batch()).toArray();
                    plainStep(block, prefix, student, optimizer, items, inverseVariance);
                }
            }
        }
    }

    private void plainStep(
            Block block,
            GraphExecutor prefix,
            GraphExecutor student,
            Optimizer optimizer,
            int[] items,
            float[] inverseVariance) {
        try (TensorScope scope = TensorScope.open()) {
            optimizer.zeroGradients();
            Map<String, Tensor> teacher = prefix.forward(
                    Map.of(reference.inputs().getFirst().name(), Tensor.gather(images, items)), Mode.EVAL);
            Tensor made = student.forward(teacher.get(block.from()), Mode.TRAIN);
            Losses.noiseToSignal(made, teacher.get(block.to()), inverseVariance).backward();
            optimizer.step(options.learningRate());
        }
    }

    private Map<String, FloatTensor> collect(List<String> tensors, FloatTensor items) {
        return Activations.collect(reference, tensors, items, BATCH, SessionOptions.defaults());
    }

    private FloatTensor fitting(ImageDataset dataset, int count) {
        return dataset.take(count).fitting(reference).images();
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
