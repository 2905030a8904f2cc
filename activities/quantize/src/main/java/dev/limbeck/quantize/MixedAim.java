package dev.limbeck.quantize;

import dev.limbeck.quantize.MixedPrecision.Choice;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The choice that meets a budget or a goal or, where none does, the one that comes nearest.
 *
 * @param missed in words, what was asked for and what there is; empty where it is met
 */
public record MixedAim(Choice choice, Optional<String> missed) {

    private static final double NANOS = 1e6;

    /** How often a network that was measured to be over the budget makes room for another. */
    private static final int MOST_MEASUREMENTS = 5;

    /** @param share of the 8-bit network's bit-operations */
    public static MixedAim within(MixedPrecision mixed, MixedSearch search, double share) {
        Optional<Choice> within = mixed.within(search, (long) (share * mixed.reference()));
        if (within.isPresent()) {
            return new MixedAim(within.get(), Optional.empty());
        }
        Choice cheapest = mixed.choices(search).getFirst();
        String missed = ("the budget of %s of the 8-bit network's bit-operations is missed: the cheapest of these"
                        + " precisions takes %.4f; it was taken")
                .formatted(share, (double) cheapest.cost() / mixed.reference());
        return new MixedAim(cheapest, Optional.of(missed));
    }

    /**
     * As above, of measured latency. The sum of groups' latencies is no more than near, so what is chosen is measured too.
     *
     * @param mixed {@link MixedPrecision#byLatency by latency}
     * @param budget in milliseconds
     */
    public static MixedAim withinMillis(
            MixedPrecision mixed, MixedSearch search, double budget, NetworkLatency latency) {
        long room = Math.round(budget * NANOS);
        for (int i = 0; i < MOST_MEASUREMENTS; i++) {
            Optional<Choice> choice = mixed.within(search, room);
            if (choice.isEmpty()) {
                break;
            }
            double real = millis(mixed, choice.get(), latency);
            if (real <= budget) {
                return new MixedAim(choice.get(), Optional.empty());
            }
            room = Math.min(room, choice.get().cost()) - Math.round((real - budget) * NANOS);
        }
        Choice fastest = mixed.choices(search).getFirst();
        double real = millis(mixed, fastest, latency);
        String missed = "the budget of %.3f ms is missed: the fastest of these precisions takes %.3f ms; it was taken";
        return new MixedAim(fastest, real <= budget ? Optional.empty() : Optional.of(missed.formatted(budget, real)));
    }

    private static double millis(MixedPrecision mixed, Choice choice, NetworkLatency latency) {
        return latency.millis(List.of(mixed.quantized(choice))).getFirst();
    }

    /**
     * The cheapest that is accurate enough.
     *
     * @param accuracy of the network so quantized, on validation images
     * @param floats the float network's
     * @param goal what may be lost of it
     */
    public static MixedAim losingNoMore(
            MixedPrecision mixed, MixedSearch search, ToDoubleFunction<Choice> accuracy, double floats, double goal) {
        AccuracyGoal aim = new AccuracyGoal(floats, goal);
        Optional<Choice> cheapest = mixed.cheapest(search, choice -> aim.isMet(accuracy.applyAsDouble(choice)));
        if (cheapest.isPresent()) {
            return new MixedAim(cheapest.get(), Optional.empty());
        }
        Choice widest = mixed.choices(search).getLast();
        return new MixedAim(
                widest,
                aim.missed(accuracy.applyAsDouble(widest), "with the widest precision", "the widest was taken"));
    }
}
