package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.QuantizationTraining;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.quantize.BitReport;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Ways to quantize a network by training it on. */
final class TrainingMethods {

    private static final String BAYESIAN_BITS = "--bayesian-bits";

    @Option(
            names = "--qat",
            description =
                    "Quantization-aware training, by what the float network gives: weights and scales are trained on all"
                            + " training images. What 4 bits and fewer need.")
    private boolean qat;

    @Option(
            names = "--relaxed",
            description =
                    "The same by relaxed quantization: in training values fall to a point of the grid near them at random.")
    private boolean relaxed;

    @Option(
            names = BAYESIAN_BITS,
            description =
                    "Learns which bits each weight and activation needs, 2, 4 or 8, and which channels can be taken out; needs --strength.")
    private boolean bayesianBits;

    @Option(
            names = "--strength",
            paramLabel = "MU",
            description =
                    "Of --bayesian-bits: weight of bits and channels in the loss, such as 0.01; the more, the fewer are left.")
    private Double strength;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Of training; default: 3, or 4 with --bayesian-bits, of which a quarter is with bits fixed.")
    private Double epochs;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "Of training, at its highest; default: 0.003 with --qat, else 0.001.")
    private Double learningRate;

    /** The options that were given of those that say how it is trained: one at most, if {@link #check} was content. */
    List<String> chosen() {
        List<String> names = new ArrayList<>();
        if (qat) {
            names.add("--qat");
        }
        if (relaxed) {
            names.add("--relaxed");
        }
        if (bayesianBits) {
            names.add(BAYESIAN_BITS);
        }
        return names;
    }

    /** Whether training decides which bits there are. */
    boolean learnsBits() {
        return bayesianBits;
    }

    /** @throws BadInputException if options do not go together */
    void check() {
        if (chosen().size() > 1) {
            throw new BadInputException(
                    String.join(" and ", chosen()) + " are different ways to train; give one of them");
        }
        require("--epochs", epochs, !chosen().isEmpty(), "--qat, --relaxed or " + BAYESIAN_BITS);
        require("--learning-rate", learningRate, !chosen().isEmpty(), "--qat, --relaxed or " + BAYESIAN_BITS);
        require("--strength", strength, bayesianBits, BAYESIAN_BITS);
        if (bayesianBits && strength == null) {
            throw new BadInputException(
                    BAYESIAN_BITS + " needs --strength, such as 0.02: the more, the fewer bits are left");
        }
    }

    private static void require(String option, Object value, boolean other, String name) {
        if (value != null && !other) {
            throw new BadInputException(option + " is of no use without " + name + "; give both, or leave it out");
        }
    }

    /** What the answer calls it. */
    String label() {
        return way().method().label();
    }

    private QuantizationTraining way() {
        if (bayesianBits) {
            return QuantizationTraining.bayesianBits(strength);
        }
        return qat ? QuantizationTraining.qat() : QuantizationTraining.relaxed();
    }

    private QuantizationTraining way(long seed, int threads) {
        QuantizationTraining way = way();
        TrainOptions options = way.options().withSeed(seed).withThreads(threads);
        if (epochs != null) {
            options = options.withEpochs(epochs);
        }
        return way.with(learningRate == null ? options : options.withLearningRate(learningRate));
    }

    /** @param images for calibration */
    QuantizationTraining.Outcome train(
            Graph graph,
            SampleSplits splits,
            int images,
            QuantizeOptions quantization,
            long seed,
            Progress progress,
            LayerCheckpoints work) {
        Splits labelled = splits.forTraining(Optional.of(graph));
        QuantizationTraining way = way(seed, quantization.threads());
        String key = way + splits.train().digest() + quantization;
        return way.train(
                graph,
                labelled.train(),
                labelled.validation(),
                images,
                quantization,
                progress,
                new CachedTraining(work, key),
                new CachedTraining(work, key + " with gates fixed"));
    }

    /** Bits and channels as --json answers them. */
    static Map<String, Object> json(BitReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("bitOperations", report.bitOperations());
        json.put("channels", report.channels());
        json.put("channelsTakenOut", report.channelsTakenOut());
        List<Map<String, Object>> layers = new ArrayList<>();
        for (BitReport.Layer layer : report.layers()) {
            Map<String, Object> described = new LinkedHashMap<>();
            described.put("layer", layer.name());
            described.put("weightBits", layer.weightBits());
            described.put("activationBits", layer.activationBits());
            described.put("macs", layer.macs());
            layers.add(described);
        }
        json.put("layers", layers);
        return json;
    }
}
