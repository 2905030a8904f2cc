package dev.limbeck.workflows;

import dev.limbeck.schemas.Spec;

/**
 * Under which conditions a network is measured.
 *
 * @param deviceClass class of devices, all alike
 * @param imageSize null for the network's own input size
 */
public record Conditions(String deviceClass, int threads, int batch, Spec.ImageSize imageSize) {

    /** As these, for a network whose own input size is the right one. */
    Conditions atOwnImageSize() {
        return new Conditions(deviceClass, threads, batch, null);
    }
}
