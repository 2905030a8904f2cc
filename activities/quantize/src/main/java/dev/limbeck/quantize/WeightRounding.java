package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.quantize.RoundingCheckpoint.RoundedWeight;
import dev.limbeck.quantize.RoundingOptions.Method;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Threads;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Moves the weights of a float network onto their grids, layer by layer or block by block in the order of the graph; each sees inputs
 * of the network quantized so far and is to make what it makes in the float network.
 *
 * <p>The same seed and number of threads give the same weights.
 */
final class WeightRounding {

    /** Numbers that a block's inputs and outputs may take: 256 MB; fewer images are used where they would take more. */
    private static final int BLOCK_ELEMENTS = 1 << 26;

    private final QuantizationPlan plan;
    private final Map<String, Encoding> activations;
    private final QuantizeOptions options;
    private final RoundingOptions rounding;
    private final Items images;
    private final LayerCheckpoints checkpoints;
    private final Progress progress;

    /**
     * @param plan of the float network, and the encodings of its activations
     * @param images of the network's inputs
     */
    WeightRounding(
            QuantizationPlan plan,
            Map<String, Encoding> activations,
            QuantizeOptions options,
            Items images,
            LayerCheckpoints checkpoints,
            Progress progress) {
        this.plan = plan;
        this.activations = activations;
        this.options = options;
        this.rounding = options.rounding();
        this.images = images;
        this.checkpoints = checkpoints;
        this.progress = progress;
    }

    /**
     * @param graph the float network with weights on their grids
     * @param encodings of activations, some of them with a step that was learned, and of those weights by initializer
     */
    record Rounded(Graph graph, Map<String, Encoding> encodings) {}

    /** @param graph the float network, as the plan knows it */
    Rounded round(Graph graph) {
        if (options.weights().isFloat()) {
            return new Rounded(graph, activations);
        }
        int threads = Threads.limit();
        Threads.limitTo(options.threads());
        try {
            return new Run(graph).all();
        } finally {
            Threads.limitTo(threads);
        }
    }

    /** How far the work is. */
    private final class Run {
        private final Graph original;
        private final Frontier frontier;
        private final WeightGrids grids;
        private final LayerRounding layerRounding;
        private final Map<String, Encoding> encodings = new LinkedHashMap<>(activations);
        private final Set<String> done = new HashSet<>();
        private Graph current;

        private Run(Graph original) {
            this.original = original;
            this.current = original;
            this.frontier = new Frontier(original, images, options.session());
            this.grids = new WeightGrids(original, activations, plan);
            this.layerRounding = new LayerRounding(original, grids, rounding);
        }

        private Rounded all() {
            List<Node> layers = layers();
            Map<String, ReconstructionBlock> blocks = blocks(layers);
            for (Node layer : layers) {
                if (done.contains(layer.input(1))) {
                    continue;
                }
                progress.report("round weights", done.size(), layers.size(), layer.label());
                ReconstructionBlock block = blocks.get(layer.input(1));
                // also before what is known already: so that all values are the same, to the last bit
                frontier.advance(
                        current, block == null ? layer : block.graph().nodes().getFirst());
                RoundingCheckpoint made = block == null
                        ? once(layer.input(1), () -> one(layer))
                        : once(block.to(), () -> together(block));
                Map<String, Node> byWeight = new HashMap<>();
                layers.forEach(l -> byWeight.put(l.input(1), l));
                made.weights().forEach((name, weight) -> {
                    set(byWeight.get(name), weight);
                    done.add(name);
                });
                made.steps()
                        .forEach((tensor, step) ->
                                encodings.computeIfPresent(tensor, (t, e) -> e.withScale(new float[] {step})));
            }
            progress.report("round weights", layers.size(), layers.size(), "");
            return new Rounded(current, encodings);
        }

        private List<Node> layers() {
            Set<String> seen = new HashSet<>();
            return original.nodes().stream()
                    .filter(node -> plan.kind(node) == OperatorKind.WEIGHTED
                            && !plan.weightOptions(node).weights().isFloat()
                            && seen.add(node.input(1)))
                    .toList();
        }

        /** By weight; a weight that several layers share is rounded by itself. */
        private Map<String, ReconstructionBlock> blocks(List<Node> layers) {
            Map<String, ReconstructionBlock> blocks = new HashMap<>();
            if (rounding.method() != Method.BLOCK_RECONSTRUCTION) {
                return blocks;
            }
            Set<String> outputs = new LinkedHashSet<>();
            layers.stream()
                    .filter(layer -> original.consumers(layer.input(1)).size() == 1)
                    .forEach(layer -> outputs.add(layer.output(0)));
            ReconstructionBlock.find(original, node -> outputs.contains(node.output(0))).stream()
                    .filter(block -> GraphExecutor.unsupported(block.graph()).isEmpty())
                    .forEach(block -> block.layers().forEach(layer -> blocks.put(layer.input(1), block)));
            return blocks;
        }

        private RoundingCheckpoint once(String key, Supplier<RoundingCheckpoint> work) {
            Optional<byte[]> known = checkpoints.recall(key);
            if (known.isPresent()) {
                return RoundingCheckpoint.read(known.get());
            }
            RoundingCheckpoint made = work.get();
            checkpoints.remember(key, made.bytes());
            return made;
        }

        private void set(Node layer, RoundedWeight weight) {
            String name = layer.input(1);
            GraphEditor editor = current.edit();
            long[] shape = original.initializers().get(name).shape();
            editor.initializer(name, TensorValue.ofFloats(weight.values(), shape));
            current = editor.build();
            encodings.put(name, grids.of(layer).withScale(weight.scale()));
        }

        private RoundingCheckpoint one(Node layer) {
            // blocks have no say in a layer that lies in none
            Method method = rounding.method() == Method.BLOCK_RECONSTRUCTION ? Method.ADAROUND : rounding.method();
            RoundedWeight weight = layerRounding.round(frontier, current, layer, method, seed());
            return new RoundingCheckpoint(Map.of(layer.input(1), weight), Map.of());
        }

        private long seed() {
            return 31 * rounding.seed() + done.size();
        }

        /** First the layers of a block one by one, which also chooses their grids, then all together. */
        private RoundingCheckpoint together(ReconstructionBlock block) {
            BlockReconstruction.Data data = data(block);
            // what lies behind the block must be computed from its final weights
            Frontier within = frontier.copy();
            Map<String, Encoding> weights = new LinkedHashMap<>();
            Map<String, float[]> start = new LinkedHashMap<>();
            for (Node layer : block.layers()) {
                RoundedWeight alone = layerRounding.round(within, current, layer, Method.ADAROUND, seed());
                set(layer, alone);
                weights.put(layer.input(1), encodings.get(layer.input(1)));
                start.put(layer.input(1), alone.values());
            }
            BlockReconstruction.Result result;
            try (BlockReconstruction reconstruction =
                    new BlockReconstruction(block, weights, start, plan, encodings, rounding, data, seed())) {
                result = reconstruction.reconstruct();
            }
            Map<String, RoundedWeight> rounded = new LinkedHashMap<>();
            result.weights()
                    .forEach((name, values) -> rounded.put(
                            name, new RoundedWeight(values, weights.get(name).scale())));
            return new RoundingCheckpoint(rounded, result.steps());
        }

        /** Read before the block's weights are rounded. */
        private BlockReconstruction.Data data(ReconstructionBlock block) {
            FloatTensor inputs = frontier.rounded(current, block.from());
            FloatTensor targets = frontier.originals(block.to());
            long each = (long) inputs.itemSize() + targets.itemSize();
            int count = (int) Math.clamp(BLOCK_ELEMENTS / each, 1, images.count());
            return new BlockReconstruction.Data(inputs.slice(0, count), targets.slice(0, count));
        }
    }
}
