package dev.limbeck.measure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Reads the files in which Linux describes a machine; a file that is missing or says nothing is passed over. */
final class LinuxMachine {

    private static final Set<String> FLAGS_OF_INTEREST = Set.of(
            "sse4_1",
            "avx",
            "avx2",
            "fma",
            "avx512f",
            "avx512bw",
            "avx512_vnni",
            "avx_vnni",
            "avx512_bf16",
            "avx512_fp16",
            "amx_int8",
            "amx_bf16",
            "asimd",
            "asimdhp",
            "asimddp",
            "i8mm",
            "sve",
            "neon");

    private final Path proc;
    private final Path sys;

    LinuxMachine(Path proc, Path sys) {
        this.proc = proc;
        this.sys = sys;
    }

    MachineState state() {
        List<String> cpu = LinuxFiles.lines(proc.resolve("cpuinfo"));
        return new MachineState(
                cpuModel(cpu),
                flags(cpu),
                Math.max(1, values(cpu, "processor").size()),
                memory(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
                LinuxFiles.first(sys.resolve("devices/system/cpu/cpu0/cpufreq/scaling_governor")),
                megahertz(cpu),
                temperature(),
                LinuxFiles.first(proc.resolve("loadavg")).flatMap(line -> LinuxFiles.number(line.split(" ")[0])));
    }

    private String cpuModel(List<String> cpu) {
        for (String key : List.of("model name", "Hardware", "Model")) {
            List<String> found = values(cpu, key);
            if (!found.isEmpty()) {
                return found.getFirst();
            }
        }
        // ARM servers name neither; the board's name is the next best thing
        return LinuxFiles.first(proc.resolve("device-tree/model")).orElse(System.getProperty("os.arch"));
    }

    private static List<String> flags(List<String> cpu) {
        List<String> lines = values(cpu, "flags");
        if (lines.isEmpty()) {
            lines = values(cpu, "Features");
        }
        return lines.isEmpty()
                ? List.of()
                : Arrays.stream(lines.getFirst().split(" +"))
                        .filter(FLAGS_OF_INTEREST::contains)
                        .distinct()
                        .sorted()
                        .toList();
    }

    private long memory() {
        return values(LinuxFiles.lines(proc.resolve("meminfo")), "MemTotal").stream()
                .findFirst()
                .flatMap(value -> LinuxFiles.number(value.split(" ")[0]))
                .map(kibibytes -> Math.round(kibibytes) * 1024)
                .orElse(0L);
    }

    private Optional<Double> megahertz(List<String> cpu) {
        List<Double> found = new ArrayList<>();
        for (Path core : LinuxFiles.entries(sys.resolve("devices/system/cpu"), "cpu[0-9]*")) {
            LinuxFiles.first(core.resolve("cpufreq/scaling_cur_freq"))
                    .flatMap(LinuxFiles::number)
                    .ifPresent(kilohertz -> found.add(kilohertz / 1000));
        }
        if (found.isEmpty()) {
            values(cpu, "cpu MHz").forEach(value -> LinuxFiles.number(value).ifPresent(found::add));
        }
        OptionalDouble mean = found.stream().mapToDouble(Double::doubleValue).average();
        return mean.isPresent() ? Optional.of(mean.getAsDouble()) : Optional.empty();
    }

    private Optional<Double> temperature() {
        return LinuxFiles.entries(sys.resolve("class/thermal"), "thermal_zone*").stream()
                .flatMap(zone -> LinuxFiles.first(zone.resolve("temp")).flatMap(LinuxFiles::number).stream())
                .map(milli -> milli / 1000)
                .max(Double::compare);
    }

    private static List<String> values(List<String> lines, String key) {
        List<String> found = new ArrayList<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
                found.add(line.substring(colon + 1).strip());
            }
        }
        return found;
    }
}
