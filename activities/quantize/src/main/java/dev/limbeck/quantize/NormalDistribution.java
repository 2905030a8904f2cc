package dev.limbeck.quantize;

import java.util.function.DoubleUnaryOperator;

/**
 * A normally distributed value, and the moments of functions of it.
 *
 * @param deviation standard deviation; 0 is a constant
 */
record NormalDistribution(double mean, double deviation) {

    /** Beyond this many standard deviations lie less than 1e-15 of the values. */
    private static final double TAIL = 8;

    private static final int QUADRATURE_POINTS = 256;

    /** Mean and variance of some value. */
    record Moments(double mean, double variance) {}

    /** phi(z). */
    static double density(double z) {
        return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    }

    /** Phi(z) = 1/2 + phi(z) (z + z^3/3 + z^5/(3 5) + ...) (Marsaglia 2004). */
    static double cumulative(double z) {
        if (Math.abs(z) > TAIL) {
            return z < 0 ? 0 : 1;
        }
        double term = z;
        double sum = z;
        for (int i = 3; sum + term != sum; i += 2) {
            term *= z * z / i;
            sum += term;
        }
        return 0.5 + sum * density(z);
    }

    /**
     * Of max(low, min(high, x)), which is ReLU for low = 0 and an infinite high bound (Nagel et al. 2019, appendix C).
     *
     * @param high may be infinite, as may low
     */
    Moments clipped(double low, double high) {
        if (deviation == 0) {
            return new Moments(Math.max(low, Math.min(high, mean)), 0);
        }
        double a = (low - mean) / deviation;
        double b = (high - mean) / deviation;
        double below = cumulative(a);
        double above = 1 - cumulative(b);
        double inside = 1 - below - above;
        double first = mean * inside + deviation * (density(a) - density(b)) + times(low, below) + times(high, above);
        double second = (mean * mean + deviation * deviation) * inside
                + deviation * (times(mean + low, density(a)) - times(mean + high, density(b)))
                + times(low * low, below)
                + times(high * high, above);
        return new Moments(first, Math.max(0, second - first * first));
    }

    /** Of a function of the value, by the midpoint rule. */
    Moments of(DoubleUnaryOperator function) {
        double first = 0;
        double second = 0;
        double total = 0;
        for (int i = 0; i < QUADRATURE_POINTS; i++) {
            double z = TAIL * ((2 * i + 1.0) / QUADRATURE_POINTS - 1);
            double value = function.applyAsDouble(mean + z * deviation);
            double weight = density(z);
            total += weight;
            first += weight * value;
            second += weight * value * value;
        }
        first /= total;
        return new Moments(first, Math.max(0, second / total - first * first));
    }

    /** An infinite bound is never reached. */
    private static double times(double bound, double share) {
        return share == 0 ? 0 : bound * share;
    }
}
