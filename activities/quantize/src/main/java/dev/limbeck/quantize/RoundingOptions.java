package dev.limbeck.quantize;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;

/**
 * How weights are moved onto their grids.
 *
 * @param method by which each weight is rounded up or down
 * @param candidates scales that are tried for each channel, and the one chosen with which the layer's output is closest to the float
 *     network's (SeqMSE); 0 to keep the scales of the weights' calibration
 * @param iterations steps of Adam for each layer or block
 * @param rows output positions, of any images, that a step of a layer looks at; fewer where an output has few inputs
 * @param batch images that a step of a block looks at
 * @param learningRate of the rounding variables
 * @param regularization weight of the term that drives each variable to one end, in units of the loss that nearest rounding makes for
 *     one variable
 * @param warmStart share of the iterations before that term counts
 * @param betaStart its exponent at first: only variables near an end are driven there
 * @param betaEnd its exponent at last, reached along a cosine
 * @param dropped probability with which a block's activation stays in floats while the block is reconstructed (QDrop)
 * @param seed of the choice of positions and images
 */
public record RoundingOptions(
        Method method,
        int candidates,
        int iterations,
        int rows,
        int batch,
        double learningRate,
        double regularization,
        double warmStart,
        double betaStart,
        double betaEnd,
        double dropped,
        long seed) {

    private static final double LEARNING_RATE = 3e-3;

    /** Steps of a block see few images, and there are fewer of them. */
    private static final double BLOCK_LEARNING_RATE = 1e-2;

    /** How a weight is rounded. */
    public enum Method {
        /** To the nearest value on the grid. */
        NEAREST,
        /** Up or down, learned layer by layer (Nagel et al. 2020). */
        ADAROUND,
        /**
         * Up or down, learned layer by layer first and then block by block, with activations quantized (Li et al. 2021, Wei et al.
         * 2022).
         */
        BLOCK_RECONSTRUCTION
    }

    public RoundingOptions {
        requireNonNull(method, "method is null");
        requireNotBelow("candidates", candidates, 0);
        requireNotBelow("iterations", iterations, 1);
        requireNotBelow("rows", rows, 1);
        requireNotBelow("batch", batch, 1);
        if (!(learningRate > 0)) {
            throw new BadInputException("learning rate is " + learningRate + "; give a number above 0");
        }
        if (!(regularization >= 0)) {
            throw new BadInputException("regularization is " + regularization + "; give 0 or more");
        }
        if (!(warmStart >= 0 && warmStart <= 1)) {
            throw new BadInputException("warm start is " + warmStart + "; give a share from 0 to 1");
        }
        if (!(betaEnd >= 1 && betaStart >= betaEnd)) {
            throw new BadInputException(
                    "beta goes from " + betaStart + " to " + betaEnd + "; it must fall, and not below 1");
        }
        if (!(dropped >= 0 && dropped <= 1)) {
            throw new BadInputException("dropped is " + dropped + "; give a probability from 0 to 1");
        }
    }

    private static void requireNotBelow(String name, int value, int least) {
        if (value < least) {
            throw new BadInputException(name + " is " + value + "; give " + least + " or more");
        }
    }

    /** To the nearest value of the grid that the weights' calibration chose. */
    public static RoundingOptions nearest() {
        return builder().build();
    }

    public static RoundingOptions adaRound() {
        return builder().method(Method.ADAROUND).build();
    }

    public static RoundingOptions blockReconstruction() {
        return builder().method(Method.BLOCK_RECONSTRUCTION).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The same options, to be changed. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.method = method;
        builder.candidates = candidates;
        builder.iterations = iterations;
        builder.rows = rows;
        builder.batch = batch;
        builder.learningRate = learningRate;
        builder.regularization = regularization;
        builder.warmStart = warmStart;
        builder.betaStart = betaStart;
        builder.betaEnd = betaEnd;
        builder.dropped = dropped;
        builder.seed = seed;
        return builder;
    }

    /** Whether weights need more than their own values to be rounded. */
    boolean needsImages() {
        return method != Method.NEAREST || candidates > 0;
    }

    /** In words for a report. */
    String describe() {
        String grids = candidates == 0 ? "" : "grids of least output error of " + candidates + " (SeqMSE), ";
        return grids
                + switch (method) {
                    case NEAREST -> "weights rounded to nearest";
                    case ADAROUND -> "weights rounded layer by layer (AdaRound, " + iterations + " iterations)";
                    case BLOCK_RECONSTRUCTION ->
                        "weights rounded block by block (BRECQ with QDrop, " + iterations + " iterations)";
                };
    }

    /** The regularizer's exponent at an iteration. */
    double beta(int iteration) {
        double begin = warmStart * iterations;
        double done = Math.clamp((iteration - begin) / Math.max(1, iterations - begin), 0.0, 1.0);
        return betaEnd + 0.5 * (betaStart - betaEnd) * (1 + Math.cos(Math.PI * done));
    }

    /** Whether the regularizer counts at an iteration. */
    boolean isRegularized(int iteration) {
        return iteration >= warmStart * iterations;
    }

    /** Options that differ from the defaults, or from others. */
    public static final class Builder {
        private Method method = Method.NEAREST;
        private int candidates;
        private int iterations = 1000;
        private int rows = 256;
        private int batch = 32;
        private double learningRate = LEARNING_RATE;
        private double regularization = 1;
        private double warmStart = 0.2;
        private double betaStart = 20;
        private double betaEnd = 2;
        private double dropped = 0.5;
        private long seed;

        private Builder() {}

        /** Sets the learning rate as well, to one that suits the method; give another one afterwards. */
        public Builder method(Method value) {
            method = value;
            learningRate = value == Method.BLOCK_RECONSTRUCTION ? BLOCK_LEARNING_RATE : LEARNING_RATE;
            return this;
        }

        public Builder candidates(int value) {
            candidates = value;
            return this;
        }

        public Builder iterations(int value) {
            iterations = value;
            return this;
        }

        public Builder rows(int value) {
            rows = value;
            return this;
        }

        public Builder batch(int value) {
            batch = value;
            return this;
        }

        public Builder learningRate(double value) {
            learningRate = value;
            return this;
        }

        public Builder regularization(double value) {
            regularization = value;
            return this;
        }

        public Builder warmStart(double value) {
            warmStart = value;
            return this;
        }

        public Builder beta(double start, double end) {
            betaStart = start;
            betaEnd = end;
            return this;
        }

        public Builder dropped(double value) {
            dropped = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** @throws BadInputException naming the value that is not allowed */
        public RoundingOptions build() {
            return new RoundingOptions(
                    method,
                    candidates,
                    iterations,
                    rows,
                    batch,
                    learningRate,
                    regularization,
                    warmStart,
                    betaStart,
                    betaEnd,
                    dropped,
                    seed);
        }
    }
}
