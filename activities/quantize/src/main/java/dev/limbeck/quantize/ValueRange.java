package dev.limbeck.quantize;

/** The interval of real values that a grid must cover. */
public record ValueRange(double min, double max) {

    /** Narrower ranges are widened to this, so that scales stay away from zero. */
    private static final double NARROWEST = 0.01;

    public ValueRange {
        if (!(min <= max)) {
            throw new IllegalArgumentException("a range from " + min + " to " + max + " is empty");
        }
    }

    /** This range made to hold zero, which must be represented exactly for padding and ReLU, and not too narrow. */
    public ValueRange usable() {
        double low = Math.min(0, min);
        double high = Math.max(0, max);
        return high - low < NARROWEST ? new ValueRange(low, low + NARROWEST) : new ValueRange(low, high);
    }
}
