package dev.limbeck.quantize;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** Where long work keeps what each layer or block came to, so that it goes on there after the process has died. */
public interface LayerCheckpoints {

    /** Keeps nothing. */
    LayerCheckpoints NONE = new LayerCheckpoints() {
        @Override
        public Optional<byte[]> recall(String key) {
            return Optional.empty();
        }

        @Override
        public void remember(String key, byte[] value) {}
    };

    /** @param key of one layer or block in this network, with these images and options */
    Optional<byte[]> recall(String key);

    void remember(String key, byte[] value);

    /** A part of these for one set of options, so that others may be tried with the same network and images. */
    default LayerCheckpoints of(QuantizeOptions options) {
        // biases are corrected after the weights are rounded
        return under(describe(options.toBuilder().biasCorrection(false).build()));
    }

    /** A part of these, whose keys are those of no other part. */
    default LayerCheckpoints under(String name) {
        LayerCheckpoints whole = this;
        return new LayerCheckpoints() {
            @Override
            public Optional<byte[]> recall(String key) {
                return whole.recall(name + " " + key);
            }

            @Override
            public void remember(String key, byte[] value) {
                whole.remember(name + " " + key, value);
            }
        };
    }

    /** A number that is made unless it is known. */
    default double once(String key, DoubleSupplier made) {
        Optional<byte[]> known = recall(key);
        if (known.isPresent()) {
            return ByteBuffer.wrap(known.get()).getDouble();
        }
        double number = made.getAsDouble();
        remember(key, ByteBuffer.allocate(Double.BYTES).putDouble(number).array());
        return number;
    }

    /** Everything that results depend on. */
    static String describe(QuantizeOptions options) {
        return options + " " + options.weights().symmetry() + " "
                + options.activations().symmetry();
    }
}
