package dev.limbeck.quantize;

/**
 * Searches the range whose grid keeps most of what a distribution tells: the Kullback-Leibler divergence of the clipped
 * distribution from its quantized copy is least (Migacz 2017, "8-bit inference with TensorRT").
 *
 * <p>Bounds are cut at the same magnitude on both sides. Each step of the grid spreads what it holds evenly over those of its bins
 * that hold anything. Zeros, which every grid represents exactly, do not count. Where the grid is finer than the bins only clipping
 * costs, and the whole range is best.
 */
final class EntropySearch {

    /** Candidates start at this many bins, as a narrower range says nothing any more. */
    private static final int FEWEST_BINS = 128;

    /** What an empty bin counts for where values from beyond the range saturate into it; else they would cost infinitely much. */
    private static final double HELD_BY_EMPTY_BIN = 1e-4;

    private final double[] counts;
    private final ValueRange bounds;
    private final double width;
    private final NumberFormat format;

    /** @param counts in equal bins between the bounds */
    EntropySearch(double[] counts, ValueRange bounds, NumberFormat format) {
        this.counts = counts;
        this.bounds = bounds;
        this.format = format;
        width = (bounds.max() - bounds.min()) / counts.length;
    }

    ValueRange best() {
        ValueRange best = bounds;
        double least = divergence(bounds);
        double largest = Math.max(Math.abs(bounds.min()), Math.abs(bounds.max()));
        for (int bins = FEWEST_BINS; bins * width < largest; bins++) {
            double threshold = bins * width;
            if (-threshold >= bounds.max() || threshold <= bounds.min()) {
                continue; // all values are further out
            }
            ValueRange candidate =
                    new ValueRange(Math.max(bounds.min(), -threshold), Math.min(bounds.max(), threshold));
            double divergence = divergence(candidate);
            if (divergence < least) {
                best = candidate;
                least = divergence;
            }
        }
        return best;
    }

    /** sum p ln(p / q) over the bins of a range, in nats. */
    double divergence(ValueRange range) {
        int from = Math.clamp(Math.round((range.min() - bounds.min()) / width), 0, counts.length - 1);
        int to = Math.clamp(Math.round((range.max() - bounds.min()) / width), from + 1, counts.length);
        double below = 0;
        double above = 0;
        double inside = 0;
        for (int i = 0; i < counts.length; i++) {
            if (i < from) {
                below += counts[i];
            } else if (i >= to) {
                above += counts[i];
            } else {
                inside += counts[i];
            }
        }
        double total = inside + below + above;
        if (inside == 0) {
            return total == 0 ? 0 : Double.POSITIVE_INFINITY;
        }
        Encoding encoding = Encoding.of(range, format);
        double divergence = 0;
        int next;
        for (int i = from; i < to; i = next) {
            int step = step(encoding, i);
            double held = 0;
            int holding = 0;
            for (next = i; next < to && step(encoding, next) == step; next++) {
                held += counts[next];
                holding += counts[next] > 0 ? 1 : 0;
            }
            for (int k = i; k < next; k++) {
                double saturated = (k == from ? below : 0) + (k == to - 1 ? above : 0);
                double p = (counts[k] + saturated) / total;
                double q = counts[k] > 0 ? held / holding / inside : HELD_BY_EMPTY_BIN / inside;
                divergence += p == 0 ? 0 : p * Math.log(p / q);
            }
        }
        return divergence;
    }

    private int step(Encoding encoding, int bin) {
        return encoding.quantize((float) (bounds.min() + (bin + 0.5) * width), 0);
    }
}
