package dev.limbeck.quantize;

import java.util.Locale;
import java.util.Optional;

/**
 * A loss of accuracy that is good enough.
 *
 * @param floats accuracy of the float network, on validation images
 * @param loss what may be lost of it, as a fraction
 */
public record AccuracyGoal(double floats, double loss) {

    public boolean isMet(double accuracy) {
        return accuracy >= floats - loss;
    }

    /**
     * In words, where it is missed.
     *
     * @param accuracy of the quantized network, on the same images
     * @param by what: "with the widest precision"
     * @param kept what was done all the same: "the widest was taken"
     */
    public Optional<String> missed(double accuracy, String by, String kept) {
        return isMet(accuracy)
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "the goal is missed: %.2f %% on validation images %s, %.2f %% in floats, and no more than"
                                + " %.2f points may be lost; %s",
                        100 * accuracy,
                        by,
                        100 * floats,
                        100 * loss,
                        kept));
    }
}
