package dev.limbeck.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What devices say of themselves, and what a simulated one measures. */
class DevicesTest {

    @TempDir
    private Path folder;

    @Test
    void aSimulatedLatencyDependsOnTheNetworkAlone() {
        Device device = new SimulatedDevice(Duration.ZERO);
        List<Graph> graphs = List.of(product(100), product(200), product(100));

        List<LatencyMeasurement> measured = device.measure(graphs, 1, 1, LatencyProtocol.quick(), Progress.NONE);

        // 2 us a node and 1 ns a multiply-accumulate operation
        assertThat(measured)
                .extracting(LatencyMeasurement::p50Millis)
                .containsExactly(0.002 + 100 * 10 / 1e6, 0.002 + 200 * 10 / 1e6, 0.002 + 100 * 10 / 1e6);
        assertThat(measured).allSatisfy(latency -> assertThat(latency.valid()).isTrue());
        assertThat(measured.getFirst().model()).isEqualTo(graphs.getFirst().digest());
        assertThat(new SimulatedDevice(Duration.ZERO)
                        .measure(graphs.subList(0, 1), 2, 1, LatencyProtocol.quick(), Progress.NONE)
                        .getFirst()
                        .p50Millis())
                .isEqualTo(0.002 + 2 * 100 * 10 / 1e6);
    }

    @Test
    void aMachineKeepsItsNameAndSharesItWithNoOther() throws IOException {
        file("etc/machine-id", "0123456789abcdef");
        String name = MachineIdentity.name(folder, "board", "pi4");

        assertThat(name).matches("board-[0-9a-f]{8}").isEqualTo(MachineIdentity.name(folder, "board", "pi4"));
        assertThat(MachineIdentity.name(folder, "board", "other")).isNotEqualTo(name);
        file("etc/machine-id", "fedcba9876543210");
        assertThat(MachineIdentity.name(folder, "board", "pi4")).isNotEqualTo(name);
        assertThat(MachineIdentity.name(folder.resolve("nowhere"), "board", "pi4"))
                .matches("board-[0-9a-f]{8}");
    }

    @Test
    void aLinuxMachineNamesItsModelAndCountsWhenItWasTooHot() throws IOException {
        LinuxDetails details = new LinuxDetails(folder.resolve("proc"), folder.resolve("sys"));
        assertThat(details.model()).isEmpty();
        assertThat(details.throttles()).isZero();

        file("sys/class/dmi/id/product_name", "Laptop 7\n");
        file("proc/sys/kernel/version", "#1 SMP Debian 6.1.1\n");
        file("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3\n");
        file("sys/devices/system/cpu/cpu1/thermal_throttle/package_throttle_count", "4\n");
        assertThat(details.model()).contains("Laptop 7");
        assertThat(details.build()).contains("#1 SMP Debian 6.1.1");
        assertThat(details.throttles()).isEqualTo(7);

        LocalDevice device = new LocalDevice(LatencyMeasurer.ofThisMachine(), MachineState::read, details);
        assertThat(device.health().throttled()).isFalse();
        file("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "4\n");
        assertThat(device.health().throttled()).isTrue();
        assertThat(device.health().throttled()).as("since the last look").isFalse();
    }

    private void file(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** A matrix product of 10 times {@code width} multiply-accumulate operations. */
    private static Graph product(int width) {
        GraphEditor editor = GraphEditor.create("product")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 10))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, width));
        editor.initializer("w", TensorValue.ofFloats(new float[10 * width], 10, width));
        editor.add(Node.of("MatMul", "node", List.of("x", "w"), List.of("y")));
        return editor.build();
    }
}
