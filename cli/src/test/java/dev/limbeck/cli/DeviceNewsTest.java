package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.DeviceState.State;
import dev.limbeck.schemas.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceNewsTest {

    private static final String SPEC = """
            limbeck: v1
            name: phones
            reference: reference.onnx
            task: {type: classification, data: fashion-mnist}
            scenarios:
              - {name: phone, precision: int8, device: phone}
            """;

    @Test
    void aDeviceOfTheRunsClassIsNamedOnceWhenItIsUnwellAndOnceWhenItIsBack(@TempDir Path folder) throws Exception {
        TinyRun.folder(folder);
        List<String> said = new ArrayList<>();
        DeviceNews news = new DeviceNews(Specs.read(Files.writeString(folder.resolve("phones.yaml"), SPEC)), said::add);

        news.accept(device("phone", State.BUSY, null));
        news.accept(device("laptop", State.HOT, "92 °C are too many"));
        assertThat(said).isEmpty();

        news.accept(device("phone", State.QUARANTINED, "the reference network is 8 % slower than usual in INT8"));
        news.accept(device("phone", State.QUARANTINED, "the reference network is 9 % slower than usual in INT8"));
        assertThat(said)
                .containsExactly("device phone-7 of class 'phone' is quarantined and takes no tasks until it is well:"
                        + " the reference network is 8 % slower than usual in INT8");

        news.accept(device("phone", State.AVAILABLE, null));
        news.accept(device("phone", State.BUSY, null));
        assertThat(said).hasSize(2).last().isEqualTo("device phone-7 of class 'phone' takes tasks again");
    }

    private static DeviceState device(String deviceClass, State state, String reason) {
        String now = "2026-01-02T03:04:05Z";
        return new DeviceState(
                deviceClass + "-7",
                deviceClass,
                "cpu",
                8,
                "Android 16",
                "onnxruntime 1.29.0",
                List.of("fp32", "int8"),
                state.label(),
                now,
                "worker",
                "adb",
                "model",
                "build",
                40.0,
                reason,
                now,
                30.0,
                List.of());
    }
}
