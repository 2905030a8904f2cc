package dev.limbeck.workflows;

import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.Spec;

/** Looks scenarios up in a spec. */
public final class Scenarios {

    private Scenarios() {}

    /** @throws IllegalArgumentException if the spec has no scenario of this name */
    public static Spec.Scenario named(Spec spec, String name) {
        return spec.scenarios().stream()
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("no scenario '" + name + "' in spec '" + spec.name() + "'"));
    }

    /** @throws IllegalArgumentException if the spec has no scenario of this name */
    public static Conditions conditions(Spec spec, String name) {
        Spec.Scenario scenario = named(spec, name);
        return new Conditions(scenario.device(), scenario.threads(), scenario.batch(), scenario.imageSize(), null);
    }

    /** As the networks of a report are measured. @param tuning of the scenario; null where nothing was sought */
    public static Conditions conditions(Spec spec, String name, Results.Tuning tuning) {
        Conditions conditions = conditions(spec, name);
        return tuning == null || !tuning.faster() ? conditions : conditions.with(tuning.settings());
    }
}
