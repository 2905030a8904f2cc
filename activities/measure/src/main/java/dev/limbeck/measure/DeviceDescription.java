package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

import dev.limbeck.runtime.RuntimeVersion;
import java.util.List;

/**
 * What a device is, as far as latencies depend on it.
 *
 * @param model of the whole device, such as "Pixel 8"
 * @param processor its CPU or SoC
 * @param os name and version
 * @param build of the operating system
 * @param precisions that the runtime has kernels for: "fp32", "int8"
 * @param saturatesIntegerProducts as in {@link MachineState#saturatesIntegerProducts()}
 */
public record DeviceDescription(
        String model,
        String processor,
        int cores,
        String os,
        String build,
        RuntimeVersion runtime,
        List<String> precisions,
        boolean saturatesIntegerProducts) {

    public DeviceDescription {
        requireNonNull(model, "model is null");
        requireNonNull(processor, "processor is null");
        requireNonNull(os, "os is null");
        requireNonNull(build, "build is null");
        requireNonNull(runtime, "runtime is null");
        precisions = List.copyOf(precisions);
    }
}
