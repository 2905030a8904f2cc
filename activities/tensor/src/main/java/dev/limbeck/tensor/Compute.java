package dev.limbeck.tensor;

import static java.util.Objects.requireNonNull;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Where and in which precision a graph is computed. */
public record Compute(Device device, Precision precision) {

    public static final Compute DEFAULT = new Compute(Device.CPU, Precision.FLOAT32);

    public Compute {
        requireNonNull(device, "device is null");
        requireNonNull(precision, "precision is null");
    }

    /**
     * Switches libtorch's automatic choice of precision on for this thread, until it is closed. Gradients are computed in the precision
     * of what they are the gradients of, whether it is on or not.
     */
    Mixed mixed() {
        return new Mixed(device.type(), precision == Precision.BFLOAT16);
    }

    /** What {@link #mixed()} switches off again. */
    record Mixed(torch.DeviceType type, boolean on) implements AutoCloseable {

        Mixed {
            if (on) {
                torch.set_autocast_dtype(type, ScalarType.BFloat16);
                // the cache pays where a weight is used twice, and keeps copies of weights that a step has changed
                torch.set_autocast_cache_enabled(false);
                torch.set_autocast_enabled(type, true);
            }
        }

        @Override
        public void close() {
            if (on) {
                torch.set_autocast_enabled(type, false);
            }
        }
    }
}
