package dev.limbeck.cli;

import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.NumberFormat;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.RoundingOptions;
import dev.limbeck.quantize.Target;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How a network is to be quantized: formats, ranges, and the methods that make it more accurate. */
final class QuantizationMethods {

    private static final int CANDIDATES = 20;

    @Option(
            names = "--target",
            defaultValue = "onnxruntime-x86",
            paramLabel = "NAME|FILE.json",
            description =
                    "What the network is quantized for, which decides what is quantized and how: onnxruntime-x86, onnxruntime-arm,"
                            + " htp, or a file in the form of AIMET's runtime configuration; default: ${DEFAULT-VALUE}.")
    private String target;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            converter = Formats.class,
            description =
                    "int8, int4, any of int2 to int8, int16, uint2 to uint8 (with zero points), float16, float32 (not quantized); default: int8.")
    private NumberFormat weights;

    @Option(
            names = "--activations",
            paramLabel = "FORMAT",
            converter = Formats.class,
            description =
                    "uint8, int8, uint16, int16, any of uint2 to uint16, float16, float32 (not quantized); default: uint8.")
    private NumberFormat activations;

    @ArgGroup
    private Scales scales = new Scales();

    /** How many weights share a scale. */
    static final class Scales {

        @Option(names = "--per-channel", description = "One scale for each output channel of a weight: the default.")
        private boolean perChannel;

        @Option(names = "--per-tensor", description = "One scale for each weight.")
        private boolean perTensor;

        @Option(
                names = "--block-size",
                paramLabel = "N",
                description = "One scale for each N input channels of each output channel.")
        private Integer blockSize;

        /** Empty to leave that to the target. */
        private Optional<Granularity> granularity() {
            if (blockSize != null) {
                return Optional.of(Granularity.blockwise(blockSize));
            }
            if (perTensor) {
                return Optional.of(Granularity.PER_TENSOR);
            }
            return perChannel ? Optional.of(Granularity.PER_CHANNEL) : Optional.empty();
        }
    }

    @Option(
            names = "--calibration",
            paramLabel = "METHOD",
            description =
                    "How ranges of activations are chosen: minmax, percentile, sqnr, mse or entropy; default: minmax, or mse where it is trained.")
    private Calibration calibration;

    @Option(
            names = "--weight-calibration",
            paramLabel = "METHOD",
            description = "How ranges of weights are chosen: as --calibration.")
    private Calibration weightCalibration;

    @Option(
            names = "--percentile",
            paramLabel = "X",
            description = "Percentage of the values that --calibration percentile keeps; default: 99.99.")
    private Double percentile;

    @Option(
            names = "--equalize",
            description =
                    "Equalizes the channels of layers first, turns ReLU6 into ReLU where that is harmless, and absorbs"
                            + " high biases.")
    private boolean equalize;

    @Option(
            names = "--smooth-quant",
            paramLabel = "ALPHA",
            description =
                    "For transformers: moves so much of the spread of activations into weights, 0 to 1; 0.5 suits most.")
    private Double smoothQuant;

    @Option(
            names = "--seq-mse",
            description = "Chooses each channel's scale, layer after layer, by the error of the layer's output.")
    private boolean seqMse;

    @Option(
            names = "--candidates",
            paramLabel = "N",
            description = "Scales that --seq-mse tries for each channel; default: " + CANDIDATES + ".")
    private Integer candidates;

    @Option(names = "--adaround", description = "Learns for each weight whether to round up or down, layer by layer.")
    private boolean adaround;

    @Option(
            names = "--block-reconstruction",
            description = "Learns it block by block, with activations quantized at random (BRECQ with QDrop).")
    private boolean blockReconstruction;

    @Option(
            names = "--iterations",
            paramLabel = "N",
            description = "Of --adaround a layer, or --block-reconstruction a block; default: 1000.")
    private Integer iterations;

    @Option(
            names = "--bias-correction",
            description = "Shifts biases until the means of channels are those of the float network.")
    private boolean biasCorrection;

    @Option(
            names = "--min-sqnr",
            paramLabel = "DB",
            description =
                    "Leaves the activations that cost most in floats until the output's SQNR on calibration images is so many"
                            + " decibels, such as 20.")
    private Double minimumSqnr;

    @Mixin
    private TrainingMethods training;

    @Option(
            names = "--reduce-range",
            description = "7-bit weights, for x86 processors without VNNI, whose sums of 8-bit products saturate.")
    private boolean reduceRange;

    @Option(
            names = "--pack-weights",
            description = "Stores weights of up to 4 bits as ONNX's INT4: half the file, but no integer convolutions.")
    private boolean packWeights;

    @Option(
            names = "--matmul-block-size",
            paramLabel = "N",
            description =
                    "Matrix products with 4-bit weights by ONNX Runtime's MatMulNBits: 16, 32, 64, 128 or 256 share a scale.")
    private Integer matMulBlockSize;

    @Option(
            names = "--threads",
            defaultValue = "1",
            paramLabel = "N",
            description = "Of ONNX Runtime and libtorch; default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Of rounding and training; default: 0.")
    private long seed;

    /** @throws BadInputException if bits are given or learned, which are chosen layer by layer */
    void requireNoBits() {
        if (training.learnsBits()) {
            throw new BadInputException("--bayesian-bits learns the bits that --mixed chooses; leave one of them out");
        }
        if (weights != null || activations != null || packWeights || matMulBlockSize != null || minimumSqnr != null) {
            throw new BadInputException("--mixed chooses formats itself; leave out --weights, --activations,"
                    + " --pack-weights, --matmul-block-size and --min-sqnr");
        }
    }

    /**
     * @param data whether there are any
     * @param goal whether methods are chosen by the command itself
     * @throws BadInputException if options do not go together, or with no data, or with a goal
     */
    QuantizeOptions options(boolean data, boolean goal) {
        if (adaround && blockReconstruction) {
            throw new BadInputException(
                    "--adaround and --block-reconstruction both decide how weights are rounded;" + " give one of them");
        }
        requireTogether("--iterations", iterations, adaround || blockReconstruction || goal, "--adaround");
        training.check();
        List<String> trained = training.chosen();
        if (!trained.isEmpty()
                && (adaround || blockReconstruction || seqMse || biasCorrection || minimumSqnr != null)) {
            throw new BadInputException(
                    trained.getFirst() + " trains weights, scales and biases itself; leave out --adaround,"
                            + " --block-reconstruction, --seq-mse, --bias-correction and --min-sqnr");
        }
        requireTogether("--candidates", candidates, seqMse || goal, "--seq-mse");
        requireTogether(
                "--percentile", percentile, calibration == Calibration.PERCENTILE || goal, "--calibration percentile");
        if (!data && !needingData().isEmpty()) {
            throw new BadInputException(
                    String.join(", ", needingData()) + " cannot do without data; give some with --data");
        }
        if (goal && !chosen().isEmpty()) {
            throw new BadInputException(
                    "--goal tries methods itself, the cheapest first; leave out " + String.join(", ", chosen()));
        }
        QuantizeOptions.Builder builder = QuantizeOptions.builder().target(Target.of(target));
        if (weights != null) {
            builder.weights(weights);
        }
        if (activations != null) {
            builder.activations(activations);
        }
        scales.granularity().ifPresent(builder::granularity);
        builder.packWeights(packWeights)
                .reduceRange(reduceRange)
                .weightCalibration(weightCalibration == null ? fallback() : weightCalibration)
                .calibration(calibration == null ? fallback() : calibration)
                .equalize(equalize)
                .rounding(rounding())
                .biasCorrection(biasCorrection)
                .matMulBlockSize(matMulBlockSize == null ? 0 : matMulBlockSize)
                .threads(threads);
        if (percentile != null) {
            builder.percentile(percentile);
        }
        if (smoothQuant != null) {
            builder.smoothQuant(smoothQuant);
        }
        if (minimumSqnr != null) {
            builder.minimumSqnr(minimumSqnr);
        }
        return builder.build();
    }

    /** Training goes on from where a grid has the least error: it moves ends of grids but slowly. */
    private Calibration fallback() {
        return training.chosen().isEmpty() ? Calibration.MINMAX : Calibration.MSE;
    }

    /** How the quantized network is to be trained; empty if it is not. */
    Optional<TrainingMethods> training() {
        return training.chosen().isEmpty() ? Optional.empty() : Optional.of(training);
    }

    private RoundingOptions rounding() {
        RoundingOptions.Builder builder = RoundingOptions.builder().seed(seed);
        if (seqMse || candidates != null) {
            builder.candidates(candidates == null ? CANDIDATES : candidates);
        }
        if (adaround) {
            builder.method(RoundingOptions.Method.ADAROUND);
        }
        if (blockReconstruction) {
            builder.method(RoundingOptions.Method.BLOCK_RECONSTRUCTION);
        }
        if (iterations != null) {
            builder.iterations(iterations);
        }
        return builder.build();
    }

    private static void requireTogether(String option, Object value, boolean other, String name) {
        if (value != null && !other) {
            throw new BadInputException(option + " is of no use without " + name + "; give both, or leave it out");
        }
    }

    private List<String> needingData() {
        List<String> names = new ArrayList<>();
        add(names, "--adaround", adaround);
        add(names, "--block-reconstruction", blockReconstruction);
        add(names, "--seq-mse", seqMse);
        names.addAll(training.chosen());
        add(names, "--smooth-quant", smoothQuant != null);
        add(names, "--min-sqnr", minimumSqnr != null);
        add(names, "--calibration", calibration != null && calibration != Calibration.MINMAX);
        return names;
    }

    /** Methods that the user chose. */
    private List<String> chosen() {
        List<String> names = needingData();
        add(names, "--calibration", calibration == Calibration.MINMAX);
        add(names, "--equalize", equalize);
        add(names, "--bias-correction", biasCorrection);
        return names;
    }

    private static void add(List<String> names, String name, boolean given) {
        if (given) {
            names.add(name);
        }
    }

    /** "int8", "uint16", "float16" */
    static final class Formats implements ITypeConverter<NumberFormat> {

        @Override
        public NumberFormat convert(String text) {
            try {
                return NumberFormat.parse(text);
            } catch (BadInputException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
