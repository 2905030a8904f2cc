package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a machine was like at a moment: enough to say whether two latencies may be compared. What the system does not tell is empty.
 *
 * @param cpuModel such as "Intel(R) Xeon(R) Processor"
 * @param cpuFlags those of its instruction sets that decide the speed of integer kernels, sorted
 * @param cores logical processors of the machine
 * @param memoryBytes installed
 * @param operatingSystem name and version
 * @param jvm name and version
 * @param governor of the first core's frequency, such as "performance"
 * @param megahertz mean present frequency of the cores
 * @param temperatureCelsius of the warmest zone
 * @param load runnable processes, mean of the last minute
 */
public record MachineState(
        String cpuModel,
        List<String> cpuFlags,
        int cores,
        long memoryBytes,
        String operatingSystem,
        String jvm,
        Optional<String> governor,
        Optional<Double> megahertz,
        Optional<Double> temperatureCelsius,
        Optional<Double> load) {

    public MachineState {
        requireNonNull(cpuModel, "cpuModel is null");
        requireNonNull(operatingSystem, "operatingSystem is null");
        requireNonNull(jvm, "jvm is null");
        requireNonNull(governor, "governor is null");
        requireNonNull(megahertz, "megahertz is null");
        requireNonNull(temperatureCelsius, "temperatureCelsius is null");
        requireNonNull(load, "load is null");
        cpuFlags = List.copyOf(cpuFlags);
    }

    /** This machine, now. */
    public static MachineState read() {
        return read(Path.of("/proc"), Path.of("/sys"));
    }

    /**
     * @param procRoot a folder laid out as Linux's /proc
     * @param sysRoot a folder laid out as Linux's /sys
     */
    public static MachineState read(Path procRoot, Path sysRoot) {
        return new LinuxMachine(procRoot, sysRoot).state();
    }

    /**
     * Whether the CPU adds two products of unsigned and signed bytes in 16 bits, which saturates, so that weights need one bit less:
     * so do x86 processors without VNNI (instruction VPMADDUBSW); ARM's add in 32 bits.
     */
    public boolean saturatesIntegerProducts() {
        return cpuFlags.contains("sse4_1")
                && Stream.of("avx512_vnni", "avx_vnni").noneMatch(cpuFlags::contains);
    }
}
