package dev.limbeck.workers.gpu;

import dev.limbeck.learn.QuantizationTraining;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.MethodStages;
import dev.limbeck.quantize.NumberFormat;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.RoundingOptions;
import dev.limbeck.quantize.Target;
import dev.limbeck.schemas.QuantizeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a spec says of quantization, as the options of the library. */
final class QuantizationSettings {

    /** Scales that SeqMSE tries for each channel, as AIMET does. */
    private static final int SEQ_MSE_CANDIDATES = 20;

    private QuantizationSettings() {}

    /** @param reduceRange 7-bit weights in place of 8-bit ones */
    static QuantizeOptions options(QuantizeSpec way, long seed, boolean reduceRange) {
        QuantizeOptions.Builder options = QuantizeOptions.builder()
                .weights(NumberFormat.parse(way.weights()))
                .reduceRange(reduceRange)
                .activations(NumberFormat.parse(way.activations()))
                .granularity(granularity(way))
                .calibration(calibration(way.calibration()))
                .weightCalibration(calibration(way.weightCalibration()))
                .percentile(way.percentile())
                .equalize(way.equalize())
                .biasCorrection(way.biasCorrection())
                .rounding(rounding(way.rounding(), seed))
                .packWeights(way.packWeights())
                .matMulBlockSize(way.matMulBlockSize());
        if (way.target() != null) {
            options.target(target(way.target()));
            if (way.granularity().equals("blockwise")) {
                options.granularity(granularity(way));
            }
        }
        if (way.smoothQuant() != null) {
            options.smoothQuant(way.smoothQuant());
        }
        if (way.minSqnr() != null) {
            options.minimumSqnr(way.minSqnr());
        }
        return options.build();
    }

    /** How a way that trains does so. */
    static QuantizationTraining training(QuantizeSpec way, long seed) {
        QuantizationTraining training =
                switch (way.method()) {
                    case QuantizeSpec.BAYESIAN_BITS -> QuantizationTraining.bayesianBits(way.strength());
                    case QuantizeSpec.RELAXED -> QuantizationTraining.relaxed();
                    default -> QuantizationTraining.qat();
                };
        return training.with(training.options()
                .withEpochs(way.epochs())
                .withLearningRate(way.learningRate())
                .withSeed(seed));
    }

    private static Target target(String nameOrJson) {
        return Target.NAMES.contains(nameOrJson)
                ? Target.named(nameOrJson)
                : Target.parse("quantize.target", nameOrJson);
    }

    private static Granularity granularity(QuantizeSpec way) {
        return switch (way.granularity()) {
            case "per-tensor" -> Granularity.PER_TENSOR;
            case "blockwise" -> Granularity.blockwise(way.blockSize());
            default -> Granularity.PER_CHANNEL;
        };
    }

    private static Calibration calibration(String name) {
        return Calibration.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static RoundingOptions rounding(QuantizeSpec.Rounding rounding, long seed) {
        int candidates = rounding.candidates() == null ? SEQ_MSE_CANDIDATES : rounding.candidates();
        return RoundingOptions.builder()
                .method(RoundingOptions.Method.valueOf(
                        rounding.method().toUpperCase(Locale.ROOT).replace('-', '_')))
                .iterations(rounding.iterations())
                .candidates(rounding.seqMse() ? candidates : 0)
                .seed(seed)
                .build();
    }

    /** "sqnr calibration, equalization, AdaRound" */
    static String describe(QuantizeOptions tried) {
        List<String> names = new ArrayList<>(MethodStages.of(tried).sequencedKeySet());
        names.set(0, tried.calibration().name().toLowerCase(Locale.ROOT) + " calibration");
        return String.join(", ", names);
    }
}
