package dev.limbeck.workers.common;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A record that cannot be read, and why. */
record DeadLetter(ConsumerRecord<String, byte[]> unreadable, String reason) {

    private static final String PREFIX = "limbeck-dlt-";

    /** Where the record lay: no two records have the same place. */
    String place() {
        return unreadable.topic() + "-" + unreadable.partition() + "-" + unreadable.offset();
    }

    /** The record as it was, with its own headers, and where it came from in further ones. */
    ProducerRecord<String, byte[]> toRecord() {
        ProducerRecord<String, byte[]> letter =
                new ProducerRecord<>(DeadLetters.TOPIC, null, place(), unreadable.value(), unreadable.headers());
        header(letter, "original-topic", unreadable.topic());
        header(letter, "original-partition", String.valueOf(unreadable.partition()));
        header(letter, "original-offset", String.valueOf(unreadable.offset()));
        header(letter, "original-timestamp", String.valueOf(unreadable.timestamp()));
        header(letter, "original-key", String.valueOf(unreadable.key()));
        header(letter, "reason", reason);
        return letter;
    }

    private static void header(ProducerRecord<String, byte[]> letter, String name, String value) {
        letter.headers().add(PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
    }
}
