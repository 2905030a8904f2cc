package dev.limbeck.quantize;

import static java.util.Objects.requireNonNull;

import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/**
 * How a network is quantized. Biases are 32-bit integers wherever activations and weights are integers.
 *
 * @param target what is quantized; its rules for operators and parameters go before the symmetry and granularity given here
 * @param weights integers of 2 to 8 or 16 bits, or floats
 * @param granularity how many values of a weight share a scale
 * @param packWeights weights of up to 4 bits as ONNX's INT4 or UINT4 (operator set 21): the smallest file, though ONNX Runtime then has
 *     no integer kernels for their convolutions; else a byte each
 * @param activations integers of 2 to 16 bits, or floats; one scale a tensor
 * @param weightCalibration how ranges of weights are chosen
 * @param formats the numbers of single activations and weights, by the tensor's name after batch-norm folding, where they differ from
 *     those of the rest; their symmetry is that of the rest
 * @param calibration how ranges of activations are chosen
 * @param percentile of the values that {@link Calibration#PERCENTILE} keeps, above 50 to 100
 * @param equalize cross-layer equalization first (turns ReLU6 into ReLU)
 * @param smoothQuant how much of the spread of activations goes into the matrix products that read them (SmoothQuant's alpha, 0 to 1;
 *     0.5 suits most transformers); empty for none
 * @param rounding how weights are moved onto their grids
 * @param biasCorrection shifts biases until the mean of each channel is that of the float network
 * @param matMulBlockSize input channels that share a scale in matrix products with 4-bit weights and floats for activations, by ONNX
 *     Runtime's operator MatMulNBits: 16, 32, 64, 128 or 256; 0 to quantize matrix products as all other layers
 * @param minimumSqnr of the output against the float network's, in decibels, on calibration images: the activations that cost most
 *     stay in floats until it is reached; empty to quantize whatever can be
 * @param threads of ONNX Runtime and libtorch
 */
public record QuantizeOptions(
        Target target,
        NumberFormat weights,
        Granularity granularity,
        boolean packWeights,
        Calibration weightCalibration,
        NumberFormat activations,
        Map<String, NumberFormat> formats,
        Calibration calibration,
        double percentile,
        boolean equalize,
        OptionalDouble smoothQuant,
        RoundingOptions rounding,
        boolean biasCorrection,
        int matMulBlockSize,
        OptionalDouble minimumSqnr,
        int threads) {

    private static final Set<Integer> MATMUL_BLOCK_SIZES = Set.of(0, 16, 32, 64, 128, 256);

    public QuantizeOptions {
        requireNonNull(target, "target is null");
        requireNonNull(weights, "weights is null");
        requireNonNull(granularity, "granularity is null");
        requireNonNull(activations, "activations is null");
        // in the order of names, so that the same formats are written the same
        formats = Collections.unmodifiableMap(new TreeMap<>(formats));
        requireNonNull(weightCalibration, "weightCalibration is null");
        requireNonNull(calibration, "calibration is null");
        requireNonNull(smoothQuant, "smoothQuant is null");
        requireNonNull(rounding, "rounding is null");
        requireNonNull(minimumSqnr, "minimumSqnr is null");
        requireWeightBits(weights);
        if (!(percentile > 50 && percentile <= 100)) {
            throw new BadInputException("percentile is " + percentile + "; give a number above 50, up to 100");
        }
        if (smoothQuant.isPresent() && !(smoothQuant.getAsDouble() >= 0 && smoothQuant.getAsDouble() <= 1)) {
            throw new BadInputException(
                    "smoothQuant is " + smoothQuant.getAsDouble() + "; give a number from 0 to 1, such as 0.5");
        }
        if (!MATMUL_BLOCK_SIZES.contains(matMulBlockSize)) {
            throw new BadInputException("matMulBlockSize is " + matMulBlockSize
                    + "; ONNX Runtime has kernels for 16, 32, 64, 128 or 256, and 0 means none");
        }
        if (minimumSqnr.isPresent() && !(minimumSqnr.getAsDouble() > 0 && minimumSqnr.getAsDouble() <= 100)) {
            throw new BadInputException("minimumSqnr is " + minimumSqnr.getAsDouble()
                    + " dB; give a number above 0, up to 100, such as 20");
        }
        if (threads < 1) {
            throw new BadInputException("threads is " + threads + "; give 1 or more");
        }
    }

    /** @throws BadInputException if weights cannot be stored in such numbers */
    static void requireWeightBits(NumberFormat weights) {
        if (!weights.isFloat() && weights.bits() > 8 && weights.bits() != 16) {
            throw new BadInputException("weights of " + weights.bits() + " bits are not supported; give 2 to 8, or 16");
        }
    }

    /** 8-bit symmetric weights with a scale a channel, 8-bit asymmetric activations, min-max calibration, nothing else. */
    public static QuantizeOptions defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The same options, to be changed. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.target = target;
        builder.weights = weights;
        builder.granularity = granularity;
        builder.packWeights = packWeights;
        builder.weightCalibration = weightCalibration;
        builder.activations = activations;
        builder.formats = formats;
        builder.calibration = calibration;
        builder.percentile = percentile;
        builder.equalize = equalize;
        builder.smoothQuant = smoothQuant;
        builder.rounding = rounding;
        builder.biasCorrection = biasCorrection;
        builder.matMulBlockSize = matMulBlockSize;
        builder.minimumSqnr = minimumSqnr;
        builder.threads = threads;
        return builder;
    }

    /** "int8 weights, one scale a channel", for a report. */
    String describeFormats() {
        String others = formats.isEmpty() ? "" : "; " + formats.size() + " tensors of other bits";
        return weights + " weights, " + granularity.describe() + others;
    }

    SessionOptions session() {
        return SessionOptions.defaults().withThreads(threads);
    }

    /** Options that differ from the defaults, or from others. */
    public static final class Builder {
        private Target target = Target.ONNXRUNTIME_X86;
        private NumberFormat weights = NumberFormat.integer(8, Symmetry.SYMMETRIC);
        private Granularity granularity = Granularity.PER_CHANNEL;
        private boolean packWeights;
        private Calibration weightCalibration = Calibration.MINMAX;
        private NumberFormat activations = NumberFormat.integer(8, Symmetry.ASYMMETRIC);
        private Map<String, NumberFormat> formats = Map.of();
        private Calibration calibration = Calibration.MINMAX;
        private double percentile = 99.99;
        private boolean equalize;
        private OptionalDouble smoothQuant = OptionalDouble.empty();
        private RoundingOptions rounding = RoundingOptions.nearest();
        private boolean biasCorrection;
        private int matMulBlockSize;
        private OptionalDouble minimumSqnr = OptionalDouble.empty();
        private int threads = 1;

        private Builder() {}

        /** Takes the symmetry of activations and weights, and whether weights have a scale a channel, from the target as well. */
        public Builder target(Target value) {
            target = value;
            granularity = value.perChannel() ? Granularity.PER_CHANNEL : Granularity.PER_TENSOR;
            activations = activations.withSymmetry(value.activationSymmetry(value.symmetricActivations()));
            weights = weights.withSymmetry(value.parameterSymmetry(value.symmetricParameters()));
            return this;
        }

        public Builder weights(NumberFormat format) {
            weights = format;
            return this;
        }

        public Builder weights(int bits, Symmetry symmetry) {
            return weights(NumberFormat.integer(bits, symmetry));
        }

        /** Keeps the symmetry. */
        public Builder weightBits(int bits) {
            return weights(bits, weights.symmetry());
        }

        /** 7-bit weights in place of 8-bit ones, for x86 processors without VNNI, whose 16-bit sums would saturate. */
        public Builder reduceRange(boolean value) {
            return value && weights.bits() == 8 ? weightBits(7) : this;
        }

        public Builder granularity(Granularity value) {
            granularity = value;
            return this;
        }

        public Builder packWeights(boolean value) {
            packWeights = value;
            return this;
        }

        public Builder weightCalibration(Calibration value) {
            weightCalibration = value;
            return this;
        }

        public Builder activations(NumberFormat format) {
            activations = format;
            return this;
        }

        public Builder activations(int bits, Symmetry symmetry) {
            return activations(NumberFormat.integer(bits, symmetry));
        }

        /** Keeps the symmetry. */
        public Builder activationBits(int bits) {
            return activations(bits, activations.symmetry());
        }

        /** @param byTensor as {@link MixedPrecision} chooses them */
        public Builder formats(Map<String, NumberFormat> byTensor) {
            formats = byTensor;
            return this;
        }

        public Builder calibration(Calibration value) {
            calibration = value;
            return this;
        }

        public Builder percentile(double value) {
            percentile = value;
            return this;
        }

        public Builder equalize(boolean value) {
            equalize = value;
            return this;
        }

        /** @param alpha how much of the spread goes into the weights: 0 for none of it, 1 for all */
        public Builder smoothQuant(double alpha) {
            smoothQuant = OptionalDouble.of(alpha);
            return this;
        }

        /** @param alpha as {@link #smoothQuant(double)}, or empty for no SmoothQuant */
        public Builder smoothQuant(OptionalDouble alpha) {
            smoothQuant = alpha;
            return this;
        }

        public Builder rounding(RoundingOptions value) {
            rounding = value;
            return this;
        }

        public Builder biasCorrection(boolean value) {
            biasCorrection = value;
            return this;
        }

        public Builder matMulBlockSize(int value) {
            matMulBlockSize = value;
            return this;
        }

        /** @param decibels of the output that quantization must leave, such as 20 */
        public Builder minimumSqnr(double decibels) {
            minimumSqnr = OptionalDouble.of(decibels);
            return this;
        }

        /** @param decibels as {@link #minimumSqnr(double)}, or empty for none */
        public Builder minimumSqnr(OptionalDouble decibels) {
            minimumSqnr = decibels;
            return this;
        }

        public Builder threads(int value) {
            threads = value;
            return this;
        }

        /** @throws BadInputException naming the value that is not allowed */
        public QuantizeOptions build() {
            return new QuantizeOptions(
                    target,
                    weights,
                    granularity,
                    packWeights,
                    weightCalibration,
                    activations,
                    formats,
                    calibration,
                    percentile,
                    equalize,
                    smoothQuant,
                    rounding,
                    biasCorrection,
                    matMulBlockSize,
                    minimumSqnr,
                    threads);
        }
    }
}
