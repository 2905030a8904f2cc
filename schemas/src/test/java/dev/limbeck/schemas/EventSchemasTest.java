package dev.limbeck.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The records that are sent are what the schemas promise. */
class EventSchemasTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DIGEST = "0123456789abcdef".repeat(4);

    /** Fields that may be left out, or that older versions did not send. */
    private static final Map<String, Set<String>> OPTIONAL = Map.of(
            "device",
                    Set.of(
                            "worker",
                            "driver",
                            "model",
                            "build",
                            "temperatureCelsius",
                            "reason",
                            "seen",
                            "beatSeconds",
                            "canary"),
            "progress", Set.of("task"),
            "request", Set.of("data", "trainingClass"));

    private static final Map<String, Object> EXAMPLES = Map.of(
            "measurement",
                    new Measurement(
                            DIGEST,
                            DIGEST,
                            "local",
                            "laptop-7",
                            "ONNX Runtime 1.29.0",
                            "threads 1, batch 1, search",
                            0.2,
                            0.3,
                            0.4,
                            true,
                            1,
                            DIGEST),
            "progress",
                    new ProgressEvent("quick-1", "library", "distil block", 3, 10, "loss 0.2", "laptop-7", "quick-1/4"),
            "device",
                    new DeviceState(
                            "laptop-7",
                            "local",
                            "Xeon",
                            2,
                            "Linux",
                            "ONNX Runtime 1.29.0",
                            List.of("fp32", "int8"),
                            "available",
                            "2026-01-02T03:04:05.678Z",
                            "laptop-7-123",
                            "local",
                            "a laptop",
                            "build 1",
                            48.5,
                            "too hot",
                            "2026-01-02T03:04:06Z",
                            30.0,
                            List.of(new DeviceState.Canary(0.4, 0.2))),
            "result", new ResultEvent("quick-1", "quick", DIGEST),
            "request", new RequestEvent("quick-1", "limbeck: v1", DIGEST, "/data/images", "a100"),
            "drift",
                    new DriftEvent(
                            "quick-1",
                            "monday",
                            "laptop-int8",
                            "local",
                            "laptop-7",
                            "ONNX Runtime 1.29.0",
                            0.05,
                            3,
                            true,
                            true,
                            false,
                            new DriftEvent.Network("models/reference.int8.onnx", DIGEST, 0.2, 0.24, 0.2, 0),
                            List.of(new DriftEvent.Network("models/net-01.int8.onnx", DIGEST, 0.1, 0.12, 0.2, 0))));

    @ParameterizedTest
    @ValueSource(strings = {"measurement", "progress", "device", "result", "request", "drift"})
    void acceptWhatIsSentAndRefuseWhatIsNot(String name) {
        ObjectNode sent = JSON.valueToTree(EXAMPLES.get(name));
        assertThat(Schemas.named(name).validate(sent)).isEmpty();
        sent.fieldNames().forEachRemaining(field -> {
            ObjectNode without = sent.deepCopy();
            without.remove(field);
            assertThat(Schemas.named(name).validate(without).isEmpty())
                    .as("taken without " + field)
                    .isEqualTo(OPTIONAL.getOrDefault(name, Set.of()).contains(field));
            ObjectNode wrong = sent.deepCopy();
            wrong.putObject(field);
            assertThat(Schemas.named(name).validate(wrong))
                    .as(field + " as an object")
                    .isNotEmpty();
        });
        assertThat(Schemas.named(name).validate(sent.deepCopy().put("unheardOf", 1)))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "measurement, network, not a digest",
        "progress, runId, ''",
        "device, state, asleep",
        "device, since, yesterday",
        "result, results, not a digest",
        "request, reference, reference.onnx",
        "drift, occasion, ''"
    })
    void valuesThatNobodyCanUseAreRefused(String name, String field, String value) {
        ObjectNode sent = JSON.valueToTree(EXAMPLES.get(name));
        assertThat(sent.has(field)).isTrue();
        assertThat(Schemas.named(name).validate(sent.put(field, value))).isNotEmpty();
    }

    @Test
    void asyncApiNamesEveryMessageWithItsSchema() throws IOException {
        try (InputStream in = Schemas.class.getResourceAsStream("asyncapi.yaml")) {
            Map<?, ?> document = (Map<?, ?>) new Load(LoadSettings.builder().build())
                    .loadFromString(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            Map<?, ?> messages = (Map<?, ?>) ((Map<?, ?>) document.get("components")).get("messages");
            assertThat(messages.keySet().stream().map(String::valueOf).toList())
                    .containsExactlyInAnyOrderElementsOf(EXAMPLES.keySet());
            messages.forEach((name, message) -> {
                Map<?, ?> payload = (Map<?, ?>) ((Map<?, ?>) message).get("payload");
                assertThat(Schemas.class.getResource(
                                String.valueOf(payload.get("$ref")).substring(2)))
                        .isNotNull();
            });
        }
    }
}
