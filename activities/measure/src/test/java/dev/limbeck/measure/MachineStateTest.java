package dev.limbeck.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineStateTest {

    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private MachineState read() {
        return MachineState.read(root.resolve("proc"), root.resolve("sys"));
    }

    @Test
    void readsAnX86Machine() throws IOException {
        file("proc/cpuinfo", """
                processor\t: 0
                model name\t: Example CPU @ 2.60GHz
                cpu MHz\t\t: 2600.0
                flags\t\t: fpu sse4_1 avx2 avx512_vnni nx

                processor\t: 1
                model name\t: Example CPU @ 2.60GHz
                cpu MHz\t\t: 2400.0
                flags\t\t: fpu sse4_1 avx2 avx512_vnni nx
                """);
        file("proc/meminfo", "MemTotal:        8000000 kB\nMemFree:  1 kB\n");
        file("proc/loadavg", "1.25 0.80 0.60 2/345 6789\n");
        file("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
        file("sys/class/thermal/thermal_zone0/temp", "41500\n");
        file("sys/class/thermal/thermal_zone1/temp", "52000\n");
        MachineState state = read();
        assertThat(state.cpuModel()).isEqualTo("Example CPU @ 2.60GHz");
        assertThat(state.cpuFlags()).containsExactly("avx2", "avx512_vnni", "sse4_1");
        assertThat(state.cores()).isEqualTo(2);
        assertThat(state.memoryBytes()).isEqualTo(8_192_000_000L);
        assertThat(state.megahertz()).contains(2500.0);
        assertThat(state.governor()).contains("performance");
        assertThat(state.temperatureCelsius()).contains(52.0);
        assertThat(state.load()).contains(1.25);
    }

    @Test
    void readsAnArmBoard() throws IOException {
        file("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd asimddp\n");
        file("proc/device-tree/model", "Example Board 5\0");
        file("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1800000\n");
        MachineState state = read();
        assertThat(state.cpuModel()).isEqualTo("Example Board 5");
        assertThat(state.cpuFlags()).containsExactly("asimd", "asimddp");
        assertThat(state.megahertz()).contains(1800.0);
    }

    @Test
    void leavesEmptyWhatTheSystemHides() {
        MachineState state = read();
        assertThat(state.governor()).isEmpty();
        assertThat(state.temperatureCelsius()).isEmpty();
        assertThat(state.megahertz()).isEmpty();
        assertThat(state.load()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "flags: fpu sse4_1 avx2 fma, true",
        "flags: fpu sse4_1 avx2 avx512f avx512bw, true",
        "flags: fpu sse4_1 avx2 avx_vnni, false",
        "flags: fpu sse4_1 avx2 avx512f avx512_vnni amx_int8, false",
        "Features: fp asimd, false",
        "Features: fp asimd asimddp, false",
        "bogomips: 5000, false"
    })
    void onlyX86WithoutVnniSaturatesIntegerProducts(String line, boolean saturates) throws IOException {
        file("proc/cpuinfo", "processor\t: 0\n" + line + "\n");

        assertThat(read().saturatesIntegerProducts()).isEqualTo(saturates);
    }
}
