package dev.limbeck.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A phone, played from a recording of what {@code adb} was asked and said. */
class AndroidDeviceTest {

    /** Two queries to warm up and five of 2 ms. */
    private static final LatencyProtocol PROTOCOL =
            new LatencyProtocol(Duration.ZERO, 2, Duration.ofMillis(10), 4, Duration.ofMillis(100), 2, 3, 0.05);

    @TempDir
    private Path folder;

    private Path adb;
    private Path tool;

    @BeforeEach
    void install() throws IOException {
        adb = copy("adb", "adb");
        assertThat(adb.toFile().setExecutable(true)).isTrue();
        copy("adb-recording.txt", "recording");
        tool = Files.writeString(folder.resolve("onnxruntime_perf_test"), "a program");
    }

    @Test
    void aPhoneSaysWhatItIs() {
        try (AndroidDevice phone = AndroidDevice.connect(adb.toString(), null, tool)) {
            assertThat(phone.serial()).as("the only one that allows debugging").isEqualTo("R58M1234");
            DeviceDescription description = phone.description();
            assertThat(description.model()).isEqualTo("samsung SM-A528B");
            assertThat(description.processor()).isEqualTo("QTI SM7325");
            assertThat(description.cores()).isEqualTo(8);
            assertThat(description.os()).isEqualTo("Android 12");
            assertThat(description.build()).startsWith("samsung/a52xq/a52xq:12/");
            assertThat(description.runtime().toString()).matches("onnxruntime_perf_test [0-9a-f]{12}");
            assertThat(phone.health().temperatureCelsius())
                    .as("present, and of a part that computes")
                    .contains(35.6);
            assertThat(phone.health().throttled()).isFalse();
        }
    }

    @Test
    void networksArePushedMeasuredInTurnsAndRemoved() throws IOException {
        List<LatencyMeasurement> measured;
        try (AndroidDevice phone = phone()) {
            measured = phone.measure(List.of(network("Relu"), network("Sigmoid")), 3, 2, PROTOCOL, Progress.NONE);
        }

        assertThat(measured).hasSize(2).allSatisfy(latency -> {
            assertThat(latency.p50Millis()).isCloseTo(2, within(1e-6));
            assertThat(latency.runs()).hasSize(2).allSatisfy(run -> assertThat(run.count())
                    .as("without those that warm up")
                    .isEqualTo(5));
            assertThat(latency.valid()).isTrue();
            assertThat(latency.before().temperatureCelsius()).contains(35.6);
            assertThat(latency.before().memoryBytes()).isEqualTo(5757872L * 1024);
        });
        List<String> calls = calls();
        assertThat(calls.stream().filter(call -> call.contains("onnxruntime_perf_test /data")))
                .as("the program is pushed once")
                .hasSize(1);
        assertThat(calls.stream()
                        .filter(call -> call.contains("-r 7"))
                        .map(call -> call.replaceAll(".* -I ([0-9a-f]{8}).*", "$1")))
                .as("in turns")
                .hasSize(4)
                .satisfies(models -> assertThat(models.subList(0, 2)).isEqualTo(models.subList(2, 4)))
                .satisfies(models -> assertThat(models.get(0)).isNotEqualTo(models.get(1)));
        assertThat(calls.getLast()).matches("-s R58M1234 shell rm -rf /data/local/tmp/limbeck-[0-9a-f]{12}");
    }

    @Test
    void aPhoneThatSlowsItselfDownMeasuresNothing() throws IOException {
        replace("Thermal Status: 0", "Thermal Status: 3");
        try (AndroidDevice phone = phone()) {
            assertThat(phone.health().throttled()).isTrue();
            assertThatThrownBy(() -> phone.measure(List.of(network("Relu")), 1, 2, PROTOCOL, Progress.NONE))
                    .isInstanceOf(DeviceFailure.class)
                    .hasMessageContaining("R58M1234 slows itself down");
        }
    }

    @Test
    void aPhoneThatIsGoneFails() throws IOException {
        replace(
                "$ -s R58M1234 shell dumpsys thermalservice\n",
                "$ -s R58M1234 shell dumpsys *\nadb: device 'R58M1234' not found\n! 1\n");
        try (AndroidDevice phone = phone()) {
            assertThatThrownBy(phone::health)
                    .isInstanceOf(DeviceFailure.class)
                    .hasMessageContaining("device 'R58M1234' not found");
        }
    }

    @Test
    void aNetworkThatThePhoneRefusesIsTheUsersMistakeAndNotThePhones() throws IOException {
        replace("limbeck,0.0021,34533376,98,0\n", "refused:\nLoad model failed: no kernel for Relu\n");
        try (AndroidDevice phone = phone()) {
            assertThatThrownBy(() -> phone.measure(List.of(network("Relu")), 1, 2, PROTOCOL, Progress.NONE))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("no kernel for Relu");
        }
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        assertThatThrownBy(() -> AndroidDevice.connect(adb.toString(), null, folder.resolve("nothing")))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("onnxruntime_perf_test, built for the phone");
        assertThatThrownBy(() -> AndroidDevice.connect(folder.resolve("no-adb").toString(), null, tool))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("install Android's platform tools");
        replace("R58M9999\tunauthorized", "R58M9999\tdevice");
        assertThatThrownBy(() -> AndroidDevice.connect(adb.toString(), null, tool))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("several phones are connected: R58M1234, R58M9999");
    }

    private AndroidDevice phone() {
        return AndroidDevice.connect(adb.toString(), "R58M1234", tool);
    }

    private Path copy(String resource, String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = AndroidDeviceTest.class.getResourceAsStream(resource)) {
            Files.copy(in, file);
        }
        return file;
    }

    private void replace(String old, String text) throws IOException {
        Path recording = folder.resolve("recording");
        String before = Files.readString(recording);
        assertThat(before).contains(old);
        Files.writeString(recording, before.replace(old, text));
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(folder.resolve("recording.calls"));
    }

    private static Graph network(String operator) {
        GraphEditor editor = GraphEditor.create("small")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 4))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 4));
        editor.add(Node.of(operator, "node", List.of("x"), List.of("y")));
        return editor.build();
    }
}
