package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.ProgressEvent;
import dev.limbeck.schemas.ResultEvent;
import dev.limbeck.workers.common.EventPublisher;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Topic;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link EventPublisher} promises. */
abstract class EventPublisherContract {

    record Received(String key, JsonNode data) {

        /** The same text: a number that was read back may be of another Java type. */
        boolean holds(String wantedKey, Object wanted) {
            return key.equals(wantedKey)
                    && data.toString().equals(JSON.valueToTree(wanted).toString());
        }
    }

    protected static final ObjectMapper JSON = Json.mapper();

    protected abstract EventPublisher publisher();

    /** Waits until a topic holds so many events of these keys, and gives them in order. */
    protected abstract List<Received> received(Topic topic, String keyPrefix, int count);

    @Test
    void anEventArrivesWithItsKeyAndItsDataAsJson() {
        ProgressEvent event = new ProgressEvent("single", "library", "train", 3, 10, "loss 0.4", "worker", "single/1");
        publisher().publish(Topic.PROGRESS, "single", event);
        assertThat(received(Topic.PROGRESS, "single", 1))
                .singleElement()
                .matches(received -> received.holds("single", event));
    }

    @Test
    void anEventThatWasWaitedForIsThere() {
        ResultEvent event = new ResultEvent("waited", "quick", "digest");
        publisher().publishAndWait(Topic.RESULTS, "waited", event);
        assertThat(received(Topic.RESULTS, "waited", 1))
                .singleElement()
                .matches(received -> received.holds("waited", event));
    }

    @Test
    void eventsOfAKeyStayInOrder() {
        for (int i = 0; i < 200; i++) {
            publisher()
                    .publish(
                            Topic.PROGRESS,
                            "ordered" + i % 2,
                            new ProgressEvent("r", "s", "t", i, 200, "", "w", "r/1"));
        }
        List<Received> all = received(Topic.PROGRESS, "ordered", 200);
        for (String key : List.of("ordered0", "ordered1")) {
            assertThat(all.stream()
                            .filter(event -> event.key().equals(key))
                            .map(event -> event.data().get("done").asInt()))
                    .containsExactlyElementsOf(IntStream.range(0, 200)
                            .filter(i -> key.endsWith(String.valueOf(i % 2)))
                            .boxed()
                            .toList());
        }
    }

    @Test
    void dataThatIsNoJsonIsRefused() {
        assertThatThrownBy(() -> publisher().publish(Topic.RESULTS, "bad", new Object()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
