package dev.limbeck.workers.common.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.workers.common.EventPublisher;
import dev.limbeck.workers.common.Topic;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps events in memory, for tests of what workers say. */
public final class InMemoryEventPublisher implements EventPublisher {

    /** An event as a reader would see it. */
    public record Event(Topic topic, String key, JsonNode data) {}

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final ObjectMapper json;

    public InMemoryEventPublisher(ObjectMapper json) {
        this.json = json;
    }

    /** All events of a topic so far, in order. */
    public List<Event> events(Topic topic) {
        return events.stream().filter(event -> event.topic() == topic).toList();
    }

    @Override
    public void publish(Topic topic, String key, Object data) {
        events.add(new Event(topic, key, json.valueToTree(data)));
    }

    @Override
    public void publishAndWait(Topic topic, String key, Object data) {
        publish(topic, key, data);
    }

    @Override
    public void close() {}
}
