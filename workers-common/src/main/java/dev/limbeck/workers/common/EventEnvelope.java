package dev.limbeck.workers.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Puts records into CloudEvents: who says it, when, of which type, about what. The extension {@code sequence} counts the events of a
 * source on a topic from 1, so that whoever reads them can tell that none is missing.
 */
final class EventEnvelope {

    private final URI source;
    private final ObjectMapper json;
    private final Clock clock;
    private final Map<Topic, AtomicLong> sequences = new EnumMap<>(Topic.class);

    /** @param worker name of this process, the events' source */
    EventEnvelope(String worker, ObjectMapper json, Clock clock) {
        source = URI.create("/limbeck/worker/" + worker);
        this.json = json;
        this.clock = clock;
        for (Topic topic : Topic.values()) {
            sequences.put(topic, new AtomicLong());
        }
    }

    /** @throws IllegalArgumentException if the data cannot be written as JSON */
    CloudEvent wrap(Topic topic, String key, Object data) {
        try {
            return CloudEventBuilder.v1()
                    .withId(UUID.randomUUID().toString())
                    .withSource(source)
                    .withType(topic.eventType())
                    .withSubject(key)
                    .withTime(OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                    .withDataContentType("application/json")
                    .withData(json.writeValueAsBytes(data))
                    // the extension's specification wants texts whose order is that of the numbers
                    .withExtension(
                            "sequence", "%012d".formatted(sequences.get(topic).incrementAndGet()))
                    .build();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("an event for " + topic.topicName() + " cannot be written as JSON", e);
        }
    }
}
