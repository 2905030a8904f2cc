package dev.limbeck.measure;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What a Linux machine says of itself beyond its processor: model, build, and how often it was too hot. */
final class LinuxDetails {

    private final Path proc;
    private final Path sys;

    LinuxDetails(Path proc, Path sys) {
        this.proc = proc;
        this.sys = sys;
    }

    /** Of the whole device: a board names it in its device tree, a PC in its firmware. */
    Optional<String> model() {
        return Stream.of(proc.resolve("device-tree/model"), sys.resolve("class/dmi/id/product_name"))
                .flatMap(file -> LinuxFiles.first(file).stream())
                .findFirst();
    }

    /** Of the kernel. */
    Optional<String> build() {
        return LinuxFiles.first(proc.resolve("sys/kernel/version"));
    }

    /** Thermal events that the processor has counted since it was started; 0 where it counts none. */
    long throttles() {
        return LinuxFiles.entries(sys.resolve("devices/system/cpu"), "cpu[0-9]*").stream()
                .flatMap(core -> Stream.of("core_throttle_count", "package_throttle_count")
                        .map(name -> core.resolve("thermal_throttle").resolve(name)))
                .flatMap(file -> LinuxFiles.first(file).flatMap(LinuxFiles::number).stream())
                .mapToLong(Double::longValue)
                .sum();
    }
}
