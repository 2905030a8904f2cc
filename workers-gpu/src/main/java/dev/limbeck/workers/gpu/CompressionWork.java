package dev.limbeck.workers.gpu;

import dev.limbeck.compress.ChannelSelection;
import dev.limbeck.compress.CompressOptions;
import dev.limbeck.compress.CompressScheme;
import dev.limbeck.compress.Compressed;
import dev.limbeck.compress.Compression;
import dev.limbeck.compress.NetworkCost;
import dev.limbeck.compress.RatioSelection;
import dev.limbeck.compress.RatioSelection.Candidate;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.BatchNormReestimation;
import dev.limbeck.learn.Distillation;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.Digests;
import dev.limbeck.workflows.RunRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Makes a trained network smaller, and trains it by what the reference gives and by labels. */
final class CompressionWork {

    private final Workshop workshop;
    private final RunRequest run;
    private final Spec.Compress settings;
    private final Splits splits;
    private final CompressOptions options;

    /** @param millis latencies that are known, by {@link ShapeCost#key} */
    CompressionWork(Workshop workshop, RunRequest run, Map<String, List<Double>> millis) {
        this.workshop = workshop;
        this.run = run;
        this.settings = run.spec().compress();
        this.splits = workshop.data(run);
        this.options = CompressOptions.of(settings.ratio())
                .withSelection(RatioSelection.valueOf(constant(settings.selection())))
                .withChannels(ChannelSelection.valueOf(constant(settings.channels())))
                .withMultiple(settings.multiple())
                .withCost(settings.choosesByLatency() ? new ShapeCost(millis) : NetworkCost.MACS);
    }

    /** Layers' shapes whose latencies have to be compared before anything can be chosen; each list by itself. */
    List<List<Graph>> shapes(Graph network, Progress progress) {
        return Compression.shapes(network, scheme(), images(network), options, progress);
    }

    /** A choice whose latency has to be compared with the network's before it can be made; empty if all that it needs is known. */
    Optional<List<Graph>> unmeasured(Graph network, String key, Progress progress) {
        try {
            smaller(network, key, progress);
            return Optional.empty();
        } catch (ShapeCost.UnmeasuredException e) {
            return Optional.of(e.networks());
        }
    }

    /**
     * @param made what was done, in words
     * @param missed what was asked for and could not be reached, in words
     */
    record Result(Graph graph, String made, Optional<String> missed) {}

    /**
     * Goes on where an attempt before it was: what candidates reached and the training's state are kept in the store.
     *
     * @param key of the result
     */
    Result compress(Graph network, String key, Progress progress) {
        Compressed compressed = smaller(network, key, progress);
        Graph start = BatchNormReestimation.reestimate(compressed.graph(), splits.train(), settings.images());
        return new Result(distil(start, key, progress), made(compressed), compressed.missed());
    }

    private Compressed smaller(Graph network, String key, Progress progress) {
        ImageDataset judges = splits.validation().take(settings.images());
        FloatTensor expected = Evaluation.logits(network, judges, 1);
        StoreLayerCheckpoints scores = workshop.layerCheckpoints(key);
        ToDoubleFunction<Graph> score =
                candidate -> -Evaluation.divergence(expected, Evaluation.logits(candidate, judges, 1));
        FloatTensor images = images(network);
        if (!settings.choosesByLatency()) {
            return Compression.compressModel(network, score, scheme(), images, options, scores::once, progress);
        }
        // the choice is made in steps, between which latencies are measured
        Candidate[][] sensitivity = workshop.artifacts()
                .once(
                        Digests.ofParts("sensitivity to compression", key), Candidate[][].class, () -> Compression
                                .sensitivity(
                                        network, score, scheme(), images, options, unit -> true, scores::once, progress)
                                .stream()
                                .map(unit -> unit.toArray(Candidate[]::new))
                                .toArray(Candidate[][]::new));
        return Compression.compressModel(
                network,
                Arrays.stream(sensitivity).map(List::of).toList(),
                score,
                scheme(),
                images,
                options,
                scores::once,
                progress);
    }

    private CompressScheme scheme() {
        return CompressScheme.valueOf(constant(settings.scheme()));
    }

    private FloatTensor images(Graph network) {
        return splits.train()
                .fitting(network)
                .batch(0, Math.min(settings.images(), splits.train().size()));
    }

    private Graph distil(Graph start, String key, Progress progress) {
        if (settings.epochs() == 0) {
            return start;
        }
        TrainOptions options = TrainOptions.finetuningCompressed()
                .withEpochs(settings.epochs())
                .withLearningRate(settings.learningRate())
                .withSeed(run.spec().seed());
        StoreCheckpoints checkpoints = workshop.checkpoints(key);
        Graph trained = Distillation.distil(
                        start,
                        workshop.teacher().logits(run, splits.train()),
                        splits.train(),
                        splits.validation(),
                        options,
                        workshop.metrics()
                                .countingImages(progress, splits.train().size()),
                        checkpoints)
                .graph();
        checkpoints.clear();
        return trained;
    }

    private String made(Compressed compressed) {
        double left = (double) compressed.after().macs() / compressed.before().macs();
        return "%s to %.0f %% of the MACs%s%s"
                .formatted(
                        settings.scheme(),
                        100 * left,
                        settings.choosesByLatency()
                                ? " and %.0f %% of the latency".formatted(100 * compressed.left())
                                : "",
                        settings.epochs() == 0 ? "" : ", then distilled for " + settings.epochs() + " epochs");
    }

    /** "channel-pruning" is CHANNEL_PRUNING. */
    private static String constant(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
