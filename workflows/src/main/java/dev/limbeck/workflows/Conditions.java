package dev.limbeck.workflows;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.limbeck.schemas.RuntimeSettings;
import dev.limbeck.schemas.Spec;

/**
 * Under which conditions a network is measured.
 *
 * @param deviceClass class of devices, all alike
 * @param imageSize null for the network's own input size
 * @param settings of the runtime that tuning has found; null for its defaults
 */
public record Conditions(
        String deviceClass,
        int threads,
        int batch,
        Spec.ImageSize imageSize,
        @JsonInclude(JsonInclude.Include.NON_NULL) RuntimeSettings settings) {

    /** As these, for a network whose own input size is the right one. */
    Conditions atOwnImageSize() {
        return new Conditions(deviceClass, threads, batch, null, settings);
    }

    /** As these, with settings of the runtime. */
    Conditions with(RuntimeSettings tuned) {
        return new Conditions(deviceClass, threads, batch, imageSize, tuned);
    }
}
