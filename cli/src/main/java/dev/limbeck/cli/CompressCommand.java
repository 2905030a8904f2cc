package dev.limbeck.cli;

import dev.limbeck.compress.ChannelSelection;
import dev.limbeck.compress.CompressOptions;
import dev.limbeck.compress.CompressScheme;
import dev.limbeck.compress.Compressed;
import dev.limbeck.compress.Compression;
import dev.limbeck.compress.NetworkCost;
import dev.limbeck.compress.RatioSelection;
import dev.limbeck.compress.RatioSelection.Candidate;
import dev.limbeck.graph.FloatNetworkChecks;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.learn.Checkpoints;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Judge;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.learn.Samples;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.store.Digests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** Makes a trained network smaller. */
@Command(
        name = "compress",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a trained network smaller: weights become products of low rank, or channels are taken out.",
            "",
            "Every layer is first compressed alone to nine shares and judged by how far answers on validation images diverge; then a "
                    + "share is chosen for each, statistics of batch norms are computed anew, and with --epochs the smaller network "
                    + "learns to give what the network gave, and from labels where there are any. The result is an ordinary ONNX "
                    + "network with fewer operations.",
            "",
            "Without labels the output's SQNR is told instead of accuracies. Training needs images of bytes.",
            "",
            "A ratio that is missed is exit code 1; the smallest network is written all the same. What was evaluated, measured or trained is "
                    + "kept: the same command goes on where it was stopped or killed."
        },
        footer = {
            "",
            "Examples:",
            "  limbeck compress net.onnx --scheme spatial-svd --ratio 0.5 --data fashion-mnist -o small.onnx",
            "  limbeck compress net.onnx --scheme spatial-svd --ratio 0.5 --data photos/ --epochs 3 -o small.onnx",
            "  limbeck compress net.onnx --scheme channel-pruning --ratio 0.5 --data fashion-mnist --epochs 3 -o small.onnx",
            "  limbeck compress net.onnx --scheme weight-svd --ratio 0.7 --cost latency --data fashion-mnist -o small.onnx"
        })
final class CompressCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "A float network.")
    private Path model;

    @Mixin
    private OutputFile output;

    @Option(
            names = "--scheme",
            required = true,
            paramLabel = "NAME",
            converter = Schemes.class,
            completionCandidates = SchemeNames.class,
            description = "One of: ${COMPLETION-CANDIDATES}; required.")
    private CompressScheme scheme;

    @Option(
            names = "--ratio",
            defaultValue = "0.5",
            paramLabel = "X",
            description = "Share of the network's cost that may be left; default: ${DEFAULT-VALUE}.")
    private double ratio;

    @Option(
            names = "--cost",
            defaultValue = "MACS",
            paramLabel = "NAME",
            description = "What the ratio is of: macs (operations) or latency (measured on this machine, one thread);"
                    + " default: macs.")
    private CostName cost;

    @Option(
            names = "--selection",
            defaultValue = "EXACT",
            paramLabel = "NAME",
            description =
                    "How each layer's share is chosen: exact (least sum of losses), greedy (as AIMET does it) or uniform;"
                            + " default: exact.")
    private RatioSelection selection;

    @Option(
            names = "--channels",
            defaultValue = "LASSO",
            paramLabel = "NAME",
            description =
                    "How pruning chooses channels: lasso (those that the next layers' outputs are best made of) or"
                            + " magnitude (those with the largest weights there); default: lasso.")
    private ChannelSelection channels;

    @Option(
            names = "--multiple",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "Ranks and numbers of channels are rounded down to multiples of this; 8 or 16 suit kernels that work on"
                            + " blocks of channels. Default: ${DEFAULT-VALUE}.")
    private int multiple;

    @Option(
            names = "--images",
            defaultValue = "1000",
            paramLabel = "N",
            description =
                    "Validation images that each candidate is judged by, and training images that layers are fitted to;"
                            + " default: ${DEFAULT-VALUE}.")
    private int images;

    @Option(
            names = "--epochs",
            defaultValue = "0",
            paramLabel = "N",
            description =
                    "Passes over the training images in which the smaller network learns from the given one and from labels;"
                            + " default: ${DEFAULT-VALUE}.")
    private double epochs;

    @Option(
            names = "--learning-rate",
            defaultValue = "1e-3",
            paramLabel = "X",
            description = "Of that training (AdamW), at its highest; default: ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(
            names = "--threads",
            defaultValue = "1",
            paramLabel = "N",
            description = "For evaluation and training; default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "N",
            description = "Of everything random; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private DatasetOptions dataset;

    @Mixin
    private OutputOptions outputOptions;

    /** What a ratio is of. */
    enum CostName {
        MACS,
        LATENCY
    }

    @Override
    public Integer call() {
        output.check(model);
        CompressOptions options = CompressOptions.of(ratio)
                .withSelection(selection)
                .withChannels(channels)
                .withMultiple(multiple);
        if (images < 1) {
            throw new BadInputException("--images is " + images + "; give 1 or more");
        }
        TrainOptions training = TrainOptions.finetuningCompressed()
                .withEpochs(epochs)
                .withLearningRate(learningRate)
                .withThreads(threads)
                .withSeed(seed);
        Graph network = dataset.pixels().read(model);
        FloatNetworkChecks.check(network);
        Path checkpoint = beside(".checkpoint");
        try (StopSignal stop = new StopSignal();
                ProgressBar bar = new ProgressBar(parent.console(), System::nanoTime)) {
            RememberedScores scores = new RememberedScores(beside(".scores"));
            if (scores.any() || Files.exists(checkpoint)) {
                parent.console().say("limbeck: goes on where an earlier run of this command was");
            }
            Progress progress = stop.cancelling(bar);
            SampleSplits splits = dataset.load(progress);
            CompressionTraining after = CompressionTraining.of(network, splits, training, images);
            after.shortcoming().ifPresent(parent.console()::say);
            Samples judges = splits.validation().take(images);
            String key = network.digest() + judges.fitting(network).digest();
            FloatTensor expected = Evaluation.logits(network, judges, threads);
            Compressed compressed = Compression.compressModel(
                    network,
                    candidate -> -Evaluation.divergence(expected, Evaluation.logits(candidate, judges, threads)),
                    scheme,
                    splits.train()
                            .fitting(network)
                            .batch(0, Math.min(images, splits.train().size())),
                    options.withCost(networkCost(scores, progress)),
                    (digest, score) -> scores.of(digest + "-" + key, score),
                    progress);
            Graph start = after.reestimated(compressed.graph());
            Graph small = after.trained(start, progress, Checkpoints.file(checkpoint));
            provenance(network, splits).writeTo(small).write(output.path());
            Judge judge = Judge.on(splits.test(), network, threads);
            Judge.Score untrained = judge.score(start);
            Judge.Score trained = epochs > 0 ? judge.score(small) : untrained;
            Files.deleteIfExists(checkpoint);
            scores.forget();
            bar.finishLine();
            return say(compressed, judge.floatAccuracy(), untrained, trained);
        } catch (CancellationException e) {
            parent.console().say("limbeck: stopped; the same command goes on where it was");
            return ExitCodes.STOPPED;
        } catch (IOException e) {
            throw new UncheckedIOException(checkpoint + " cannot be deleted", e);
        }
    }

    private Path beside(String ending) {
        return output.path().resolveSibling(output.path().getFileName() + ending);
    }

    /** Latencies are remembered: those of another day may choose another network, which the checkpoint is not of. */
    private NetworkCost networkCost(RememberedScores scores, Progress progress) {
        if (cost == CostName.MACS) {
            return NetworkCost.MACS;
        }
        return networks -> scores.ofAll(
                "latency-"
                        + Digests.ofParts(networks.stream().map(Graph::digest).toArray()),
                () ->
                        LatencyMeasurer.ofThisMachine()
                                .measureInterleaved(networks, 1, 1, LatencyProtocol.quick(), progress)
                                .stream()
                                .map(LatencyMeasurement::p50Millis)
                                .toList());
    }

    private Provenance provenance(Graph from, SampleSplits splits) {
        Map<String, String> parameters = Map.of(
                "scheme",
                scheme.text(),
                "channels",
                lowerCase(channels),
                "ratio",
                Double.toString(ratio),
                "cost",
                lowerCase(cost),
                "selection",
                lowerCase(selection),
                "multiple",
                Integer.toString(multiple),
                "images",
                Integer.toString(images),
                "epochs",
                Double.toString(epochs),
                "learningRate",
                Double.toString(learningRate));
        return Provenance.of(
                        "compress",
                        "1",
                        parameters,
                        Map.of("model", from.digest(), "data", dataset.name() + " " + splits.digest()))
                .withSeed(seed);
    }

    private int say(Compressed compressed, Optional<Double> before, Judge.Score untrained, Judge.Score after) {
        Console console = parent.console();
        if (outputOptions.json()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("model", output.path().toString());
            json.put("scheme", scheme.text());
            json.put("macs", compressed.after().macs());
            json.put("macsBefore", compressed.before().macs());
            json.put("parameters", compressed.after().parameters());
            json.put("parametersBefore", compressed.before().parameters());
            before.ifPresent(accuracy -> json.put("accuracyBefore", accuracy));
            untrained.accuracy().ifPresent(accuracy -> json.put("accuracyBeforeFinetuning", accuracy));
            after.putInto(json);
            json.put("cost", lowerCase(cost));
            json.put("ratio", ratio);
            json.put("left", compressed.left());
            json.put("goalMet", compressed.goalMet());
            compressed.missed().ifPresent(missed -> json.put("missed", missed));
            json.put("layers", compressed.chosen());
            json.put("sensitivity", compressed.candidates());
            console.printJson(json);
        } else {
            for (int unit = 0; unit < compressed.chosen().size(); unit++) {
                console.print(layer(
                        compressed.chosen().get(unit),
                        compressed.candidates().get(unit).getLast()));
            }
            console.print(
                    "%s: %.1f %% of the %s left; %.2f M MACs of %.2f M, %,d parameters of %,d; %s on test images%s"
                            .formatted(
                                    output.path(),
                                    100 * compressed.left(),
                                    cost == CostName.MACS ? "MACs" : "latency",
                                    compressed.after().macs() / 1e6,
                                    compressed.before().macs() / 1e6,
                                    compressed.after().parameters(),
                                    compressed.before().parameters(),
                                    after.describe(),
                                    before.map(accuracy -> accuracies(untrained, accuracy))
                                            .orElse("")));
        }
        compressed.missed().ifPresent(missed -> console.say("limbeck: " + missed));
        return compressed.goalMet() ? ExitCodes.DONE : ExitCodes.FAILED;
    }

    private String layer(Candidate chosen, Candidate whole) {
        if (chosen.ratio() == 1) {
            return "  %-40s as it was".formatted(chosen.unit());
        }
        return "  %-40s %s %d of %d, divergence alone %.4f nats"
                .formatted(
                        chosen.unit(),
                        scheme == CompressScheme.CHANNEL_PRUNING ? "channels" : "rank",
                        chosen.kept(),
                        whole.kept(),
                        0 - chosen.score());
    }

    private String accuracies(Judge.Score untrained, double given) {
        String start = epochs == 0
                ? ""
                : untrained
                        .accuracy()
                        .map(accuracy -> " (%.2f %% before training)".formatted(100 * accuracy))
                        .orElse("");
        return "%s; the given network: accuracy %.2f %%".formatted(start, 100 * given);
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** "spatial-svd" */
    static final class Schemes implements ITypeConverter<CompressScheme> {

        @Override
        public CompressScheme convert(String text) {
            return Arrays.stream(CompressScheme.values())
                    .filter(scheme -> scheme.text().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                            + Arrays.stream(CompressScheme.values())
                                    .map(CompressScheme::text)
                                    .collect(Collectors.joining(", "))));
        }
    }

    /** For help and completion. */
    static final class SchemeNames implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return List.of(CompressScheme.values()).stream()
                    .map(CompressScheme::text)
                    .iterator();
        }
    }
}
