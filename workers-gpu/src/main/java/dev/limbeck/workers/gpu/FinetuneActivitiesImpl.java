package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.schemas.QuantizeSpec;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.Digests;
import dev.limbeck.workflows.FinetuneActivities;
import dev.limbeck.workflows.Finetuned;
import dev.limbeck.workflows.Library;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.ShapeTask;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Finetunes, compresses, quantizes and evaluates networks. */
final class FinetuneActivitiesImpl implements FinetuneActivities {

    /** Changes whenever the same inputs would give other results. */
    private static final int VERSION = 2;

    /** As above. */
    private static final int COMPRESS_VERSION = 2;

    /** As above. */
    private static final int QUANTIZE_VERSION = 4;

    /** Many blocks are the reference's own and fully trained; twice this rate cost such networks 0.4 points. */
    private static final double LEARNING_RATE = 1e-3;

    private static final String FLOAT = "fp32";
    private static final String INTEGER = "int8";

    private final Workshop workshop;
    private final Quantization quantization;

    FinetuneActivitiesImpl(Workshop workshop, Quantization quantization) {
        this.workshop = workshop;
        this.quantization = quantization;
    }

    @Override
    public Finetuned evaluateReference(RunRequest run) {
        Splits splits = workshop.data(run);
        String key = Digests.ofParts("evaluate reference", VERSION, run.reference(), splits.digest());
        return workshop.artifacts()
                .once(
                        key,
                        Finetuned.class,
                        () -> workshop.timed(run, "finetune", (timing, progress) -> {
                            Graph reference = workshop.artifacts().graph(run.reference());
                            return new Finetuned(
                                    List.of(),
                                    FLOAT,
                                    run.reference(),
                                    Evaluation.accuracy(reference, splits.validation(), 1),
                                    Evaluation.accuracy(reference, splits.test(), 1),
                                    "the reference",
                                    timing.get());
                        }));
    }

    @Override
    public Finetuned finetune(RunRequest run, Library library, List<Integer> architecture) {
        Spec.Finetune settings = run.spec().finetune();
        Splits splits = workshop.data(run);
        TrainOptions options = TrainOptions.finetuning()
                .withEpochs(settings.epochs())
                .withLearningRate(LEARNING_RATE)
                .withImagesPerEpoch(Math.min(settings.images(), splits.train().size()))
                .withTemperature(settings.temperature())
                .withSeed(run.spec().seed());
        Finetuning finetuning = new Finetuning(workshop, run, library, architecture, options);
        return finetuning.once(
                "finetune",
                VERSION,
                "finetune",
                splits.validation(),
                Finetuned.class,
                (assembled, finetuned, timing) -> {
                    Graph trained = finetuned.get();
                    return new Finetuned(
                            architecture,
                            FLOAT,
                            workshop.artifacts()
                                    .put(provenance(run, splits, finetuning.assembly(), architecture, options)
                                            .writeTo(trained)),
                            Evaluation.accuracy(trained, splits.validation(), 1),
                            Evaluation.accuracy(trained, splits.test(), 1),
                            "distilled from the reference for " + settings.epochs() + " epochs",
                            timing.get());
                });
    }

    @Override
    public List<ShapeTask> shapesToMeasure(RunRequest run, Finetuned network, Map<String, List<Double>> millis) {
        String key = compressKey(run, network);
        if (workshop.artifacts().store().recall(key).isPresent()) {
            return List.of();
        }
        return workshop.timed(run, "compress", (timing, progress) -> {
            CompressionWork work = new CompressionWork(workshop, run, millis);
            Graph graph = workshop.artifacts().graph(network.network());
            List<List<Graph>> wanted = millis.isEmpty()
                    ? work.shapes(graph, progress)
                    : work.unmeasured(graph, key, progress).stream().toList();
            return wanted.stream().map(networks -> shapeTask(run, networks)).toList();
        });
    }

    private ShapeTask shapeTask(RunRequest run, List<Graph> networks) {
        boolean integers = run.spec().scenarios().getFirst().precision() == Spec.Precision.INT8;
        return new ShapeTask(
                ShapeCost.key(networks),
                networks.stream()
                        .map(network -> integers ? quantization.forLatency(run, network) : network)
                        .map(workshop.artifacts()::put)
                        .toList());
    }

    /** Latencies are not part of it: they are remembered, and the first ones count. */
    private String compressKey(RunRequest run, Finetuned network) {
        Splits splits = workshop.data(run);
        return Digests.ofParts(
                "compress",
                COMPRESS_VERSION,
                run.reference(),
                network.network(),
                splits.digest(),
                splits.train().size(),
                workshop.artifacts().text(run.spec().compress()),
                run.spec().compress().choosesByLatency()
                        ? workshop.artifacts().text(run.spec().scenarios().getFirst())
                        : "",
                run.spec().seed());
    }

    @Override
    public Finetuned compress(RunRequest run, Finetuned network, Map<String, List<Double>> millis) {
        Spec.Compress settings = run.spec().compress();
        Splits splits = workshop.data(run);
        String key = compressKey(run, network);
        return workshop.artifacts()
                .once(
                        key,
                        Finetuned.class,
                        () -> workshop.timed(run, "compress", (timing, progress) -> {
                            CompressionWork.Result small = new CompressionWork(workshop, run, millis)
                                    .compress(workshop.artifacts().graph(network.network()), key, progress);
                            return new Finetuned(
                                    network.architecture(),
                                    FLOAT,
                                    workshop.artifacts()
                                            .put(provenance(run, network, splits)
                                                    .writeTo(small.graph())),
                                    Evaluation.accuracy(small.graph(), splits.validation(), 1),
                                    Evaluation.accuracy(small.graph(), splits.test(), 1),
                                    small.made(),
                                    timing.get(),
                                    settings.scheme(),
                                    small.missed().stream().toList());
                        }));
    }

    @Override
    public Finetuned quantize(RunRequest run, Finetuned network, boolean reduceRange) {
        QuantizeSpec way = run.spec().quantize().getFirst();
        Splits splits = workshop.data(run);
        String key = Digests.ofParts(
                "quantize",
                QUANTIZE_VERSION,
                network.network(),
                splits.digest(),
                workshop.artifacts().text(way.withName("")),
                run.spec().seed(),
                reduceRange);
        return workshop.artifacts()
                .once(
                        key,
                        Finetuned.class,
                        () -> workshop.timed(run, "quantize", (timing, progress) -> {
                            Quantization.Result quantized = quantization.forUse(
                                    run,
                                    workshop.artifacts().graph(network.network()),
                                    way,
                                    reduceRange,
                                    key,
                                    Map.of(),
                                    progress);
                            return new Finetuned(
                                    network.architecture(),
                                    INTEGER,
                                    workshop.artifacts()
                                            .put(provenance(network, splits, quantized)
                                                    .writeTo(quantized.graph())),
                                    quantized.validationAccuracy(),
                                    Evaluation.accuracy(quantized.graph(), splits.test(), 1),
                                    quantized.made(),
                                    timing.get(),
                                    network.compression(),
                                    missed(network, quantized));
                        }));
    }

    /** What was missed in making the network smaller is so in its quantized form, too. */
    private static List<String> missed(Finetuned network, Quantization.Result quantized) {
        return Stream.concat(network.missed().stream(), quantized.missed().stream())
                .toList();
    }

    private static Provenance provenance(
            RunRequest run, Splits splits, Assembly assembly, List<Integer> architecture, TrainOptions options) {
        return Provenance.of(
                        "finetune",
                        Integer.toString(VERSION),
                        Map.of(
                                "architecture", assembly.labels(architecture).toString(),
                                "options", options.toString()),
                        Map.of(
                                "reference", run.reference(),
                                "blocks", String.join(" ", assembly.blocks(architecture)),
                                "data", splits.digest()))
                .withSeed(run.spec().seed());
    }

    private Provenance provenance(RunRequest run, Finetuned network, Splits splits) {
        return Provenance.of(
                        "compress",
                        Integer.toString(COMPRESS_VERSION),
                        Map.of("options", workshop.artifacts().text(run.spec().compress())),
                        Map.of(
                                "model", network.network(),
                                "reference", run.reference(),
                                "data", splits.digest()))
                .withSeed(run.spec().seed());
    }

    private static Provenance provenance(Finetuned network, Splits splits, Quantization.Result quantized) {
        return Provenance.of(
                "quantize",
                Integer.toString(QUANTIZE_VERSION),
                Map.of("steps", quantized.made()),
                Map.of("model", network.network(), "data", splits.digest()));
    }
}
