package dev.limbeck.tensor;

/**
 * Simulates an activation that is stored as integers, and learns the step between them (LSQ, Esser et al. 2020): y = (clamp(round(x /
 * s) + zeroPoint) - zeroPoint) * s. Rounding passes gradients on; where the integers end, x has none.
 *
 * <p>What is learned is the step's ratio to the one that it began with, so that one learning rate suits tensors of any range.
 */
public final class LearnedStep implements AutoCloseable {

    private final float step;
    private final int zeroPoint;
    private final int lowest;
    private final int highest;
    private final Tensor ratio = Tensor.scalar(1).requireGradient();

    /**
     * @param step at first
     * @param lowest the smallest integer that is stored
     * @param highest the largest
     */
    public LearnedStep(float step, int zeroPoint, int lowest, int highest) {
        this.step = step;
        this.zeroPoint = zeroPoint;
        this.lowest = lowest;
        this.highest = highest;
    }

    public Tensor quantize(Tensor x) {
        Tensor scale = ratio.times(step);
        return x.dividedBy(scale)
                .roundStraightThrough()
                .clamp(lowest - zeroPoint, highest - zeroPoint)
                .times(scale);
    }

    /** What an optimizer changes. */
    public Parameter parameter(String name) {
        return new Parameter(name, ratio, false);
    }

    /** The step now. */
    public float step() {
        return ratio.item() * step;
    }

    @Override
    public void close() {
        ratio.close();
    }
}
