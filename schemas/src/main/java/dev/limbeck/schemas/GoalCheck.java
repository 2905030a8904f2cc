package dev.limbeck.schemas;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Holds networks against the goals of a spec.
 *
 * <p>Goals are met where one network meets all of them. The network that is judged is the one that meets most of them; among those,
 * the fastest where accuracy is good enough, and the most accurate where none is.
 */
public final class GoalCheck {

    /** Accuracies are sums of hits; a drop of exactly what is allowed is allowed. */
    private static final double ROUNDING = 1e-9;

    private GoalCheck() {}

    /**
     * A network in one scenario.
     *
     * @param accuracy on the test images
     * @param p50Millis median latency; null where none was measured
     * @param bytes of its file; null where that is not known
     */
    public record Network(String model, double accuracy, Double p50Millis, Long bytes) {}

    /** How one network does. @param model null where there was no network to judge */
    public record Verdict(String model, List<Results.Goal> goals) {
        public Verdict {
            goals = List.copyOf(goals);
        }

        public boolean met() {
            return goals.stream().allMatch(Results.Goal::met);
        }
    }

    /** @return no goals where the spec asks for none */
    public static Verdict of(Spec.Goals asked, Network reference, List<Network> networks) {
        return networks.stream()
                .map(network ->
                        new Judged(network, goals(asked, reference, network), isAccurate(asked, reference, network)))
                .max(Comparator.comparing(Judged::count)
                        .thenComparing(Judged::isAccurate)
                        .thenComparing(Judged::merit))
                .map(best -> new Verdict(best.network().model(), best.goals()))
                .orElseGet(() -> new Verdict(null, goals(asked, reference, null)));
    }

    private static boolean isAccurate(Spec.Goals asked, Network reference, Network network) {
        double allowed = asked.accuracyDrop() == null ? Spec.Goals.USUAL_DROP : asked.accuracyDrop();
        return reference.accuracy() - network.accuracy() <= allowed + ROUNDING;
    }

    private record Judged(Network network, List<Results.Goal> goals, boolean isAccurate) {

        long count() {
            return goals.stream().filter(Results.Goal::met).count();
        }

        double merit() {
            return isAccurate && network.p50Millis() != null ? -network.p50Millis() : network.accuracy();
        }
    }

    private static List<Results.Goal> goals(Spec.Goals asked, Network reference, Network network) {
        boolean timed = network != null && network.p50Millis() != null;
        List<Results.Goal> goals = new ArrayList<>();
        if (asked.accuracyDrop() != null) {
            goals.add(atMost(
                    "accuracyDrop",
                    asked.accuracyDrop(),
                    network == null ? null : reference.accuracy() - network.accuracy()));
        }
        if (asked.speedup() != null) {
            Double speedup =
                    timed && reference.p50Millis() != null ? reference.p50Millis() / network.p50Millis() : null;
            boolean met = speedup != null && speedup >= asked.speedup();
            goals.add(new Results.Goal("speedup", asked.speedup(), speedup, met));
        }
        if (asked.latency() != null) {
            goals.add(atMost("latency", asked.latency(), timed ? network.p50Millis() : null));
        }
        if (asked.size() != null) {
            boolean known = network != null && network.bytes() != null;
            goals.add(atMost(
                    "size", asked.size(), known ? (Double) network.bytes().doubleValue() : null));
        }
        return goals;
    }

    private static Results.Goal atMost(String name, double wanted, Double reached) {
        return new Results.Goal(name, wanted, reached, reached != null && reached <= wanted + ROUNDING);
    }

    /** Such as "accuracy drop 0.42 points, at most 1 point: met". */
    public static String describe(Results.Goal goal) {
        String limit = goal.name().equals("speedup") ? "at least" : "at most";
        return "%s %s, %s %s: %s"
                .formatted(
                        title(goal),
                        goal.reached() == null ? "unknown" : value(goal, goal.reached(), true),
                        limit,
                        value(goal, goal.wanted(), false),
                        goal.met() ? "met" : "missed");
    }

    private static String title(Results.Goal goal) {
        return goal.name().equals("accuracyDrop") ? "accuracy drop" : goal.name();
    }

    private static String value(Results.Goal goal, double value, boolean rounded) {
        return switch (goal.name()) {
            case "accuracyDrop" -> {
                String points = number(100 * value, rounded ? "%.2f" : null);
                yield points + (points.equals("1") ? " point" : " points");
            }
            case "speedup" -> number(value, rounded ? "%.2f" : null) + " x";
            case "latency" -> number(value, rounded ? "%.3f" : null) + " ms";
            case "size" -> value < 1024 ? number(value, "%.0f") + " B" : number(value / 1024, "%.1f") + " KiB";
            default -> throw new IllegalArgumentException("there is no goal '" + goal.name() + "'");
        };
    }

    /** @param format null for as many digits as it takes, of the 12 that binary fractions keep */
    private static String number(double value, String format) {
        return format == null
                ? new BigDecimal(String.format(Locale.ROOT, "%.12g", value))
                        .stripTrailingZeros()
                        .toPlainString()
                : String.format(Locale.ROOT, format, value);
    }
}
