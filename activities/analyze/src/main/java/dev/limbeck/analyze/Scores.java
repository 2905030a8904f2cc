package dev.limbeck.analyze;

import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.LayerSensitivity;
import java.nio.ByteBuffer;
import java.util.function.DoubleSupplier;

/** Numbers that took long, kept so that a killed analysis goes on where it was. */
record Scores(LayerCheckpoints checkpoints, String prefix) implements LayerSensitivity.Memory {

    @Override
    public double of(String key, DoubleSupplier score) {
        return checkpoints
                .recall(prefix + key)
                .map(bytes -> ByteBuffer.wrap(bytes).getDouble())
                .orElseGet(() -> {
                    double value = score.getAsDouble();
                    checkpoints.remember(
                            prefix + key,
                            ByteBuffer.allocate(Double.BYTES).putDouble(value).array());
                    return value;
                });
    }
}
