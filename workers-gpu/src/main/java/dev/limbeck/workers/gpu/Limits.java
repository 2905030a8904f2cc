package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Cost;
import dev.limbeck.schemas.Spec;

/** What a scenario allows; infinite where it sets no limit. */
record Limits(double latencyMillis, double macs, double parameters) {

    static Limits of(Spec.Scenario scenario) {
        Spec.Limits limits = scenario.limits();
        return new Limits(orInfinite(limits.latency()), orInfinite(limits.macs()), orInfinite(limits.parameters()));
    }

    private static double orInfinite(Number limit) {
        return limit == null ? Double.POSITIVE_INFINITY : limit.doubleValue();
    }

    /** By how much the limits are exceeded in all, relative to each; 0 where they are kept. */
    double violation(double latency, Cost cost) {
        return excess(latency, latencyMillis) + excess(cost.macs(), macs) + excess(cost.parameters(), parameters);
    }

    private static double excess(double value, double limit) {
        return Math.max(0, value / limit - 1);
    }
}
