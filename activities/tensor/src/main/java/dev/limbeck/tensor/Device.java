package dev.limbeck.tensor;

import static java.util.Objects.requireNonNull;

/**
 * Where tensors live and are computed with.
 *
 * @param name libtorch's name of the device, such as "cpu" or "cuda:0"
 */
public record Device(String name) {

    public static final Device CPU = new Device("cpu");

    public Device {
        requireNonNull(name, "name is null");
    }

    /** A GPU by its number, from 0; needs the CUDA build of libtorch on the class path. */
    public static Device cuda(int index) {
        return new Device("cuda:" + index);
    }

    org.bytedeco.pytorch.Device raw() {
        return new org.bytedeco.pytorch.Device(name);
    }
}
