package dev.limbeck.workers.common;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.Schemas;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Topics are what the AsyncAPI document says. */
class TopicTest {

    @Test
    void everyChannelIsATopic() throws IOException {
        List<String> addresses = map(document(), "channels").values().stream()
                .map(channel -> String.valueOf(((Map<?, ?>) channel).get("address")))
                .toList();
        assertThat(addresses)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Topic.values()).map(Topic::topicName).toList());
    }

    @ParameterizedTest
    @EnumSource
    void aTopicHasItsChannelsSettingsAndMessage(Topic topic) throws IOException {
        Map<?, ?> channel = map(document(), "channels").values().stream()
                .map(value -> (Map<?, ?>) value)
                .filter(value -> value.get("address").equals(topic.topicName()))
                .findFirst()
                .orElseThrow();
        Map<?, ?> settings = map(channel, "bindings", "kafka", "topicConfiguration");
        assertThat(settings.get("cleanup.policy")).isEqualTo(List.of(topic.compacted() ? "compact" : "delete"));
        assertThat(map(channel, "messages").keySet().toString()).isEqualTo("[" + topic.schema() + "]");
        Map<?, ?> message = map(document(), "components", "messages", topic.schema());
        assertThat(message.get("name")).isEqualTo(topic.eventType());
        assertThat(map(message, "payload").get("$ref")).isEqualTo("./" + topic.schema() + ".schema.json");
    }

    private static Map<?, ?> map(Map<?, ?> from, String... keys) {
        Map<?, ?> inner = from;
        for (String key : keys) {
            inner = (Map<?, ?>) inner.get(key);
        }
        return inner;
    }

    private static Map<?, ?> document() throws IOException {
        try (InputStream in = Schemas.class.getResourceAsStream("asyncapi.yaml")) {
            return (Map<?, ?>) new Load(LoadSettings.builder().build())
                    .loadFromString(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
