package dev.limbeck.workers.common;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.UnreachableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes the topics, as {@link Topic} describes them, and the one for dead letters. */
final class Topics {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SEGMENT_BYTES = String.valueOf(16 << 20);

    private Topics() {}

    /** @throws UnreachableException if no broker answers at the address */
    static void create(Map<String, Object> properties) {
        try (Admin admin = Admin.create(properties)) {
            Object address = properties.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
            for (Topic topic : Topic.values()) {
                create(admin, describe(topic.topicName(), topic.compacted()), address);
            }
            create(admin, describe(DeadLetters.TOPIC, true), address);
        }
    }

    private static NewTopic describe(String topic, boolean compacted) {
        // the number of copies is the broker's default: 1 alone, more in a cluster
        NewTopic wanted = new NewTopic(topic, Optional.of(1), Optional.empty());
        return compacted
                // only full segments are compacted
                ? wanted.configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.SEGMENT_BYTES_CONFIG,
                        SEGMENT_BYTES))
                : wanted;
    }

    private static void create(Admin admin, NewTopic topic, Object address) {
        try {
            admin.createTopics(List.of(topic)).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
                throw unreachable(address, e);
            }
            if (e.getCause() instanceof AuthenticationException) {
                throw new BadInputException(
                        "the Kafka broker at %s refuses us: %s; look at the properties that --kafka-config names"
                                .formatted(address, e.getCause().getMessage()),
                        e);
            }
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException(
                        "topic " + topic.name() + " cannot be made: "
                                + e.getCause().getMessage(),
                        e);
            }
        } catch (TimeoutException e) {
            throw unreachable(address, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static UnreachableException unreachable(Object address, Exception e) {
        return new UnreachableException(
                "no Kafka broker answers at " + address + "; start one, or leave --kafka out to run an embedded one",
                e);
    }
}
