package dev.limbeck.runtime;

import static java.util.Objects.requireNonNull;

/** Name and version of what runs networks here; part of what a latency means. */
public record RuntimeVersion(String name, String version) {

    public RuntimeVersion {
        requireNonNull(name, "name is null");
        requireNonNull(version, "version is null");
    }

    /** The ONNX Runtime on the class path; loads its native library. */
    public static RuntimeVersion current() {
        return new RuntimeVersion("onnxruntime", NativeLibrary.environment().getVersion());
    }

    /** As people write it: "onnxruntime 1.29.0". */
    @Override
    public String toString() {
        return name + " " + version;
    }
}
