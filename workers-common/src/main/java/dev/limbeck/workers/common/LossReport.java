package dev.limbeck.workers.common;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts lost events, and says so now and then instead of every time. */
final class LossReport {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaEventPublisher.class);
    private static final Duration INTERVAL = Duration.ofSeconds(30);

    private final Metrics metrics;
    private final Clock clock;
    private Instant quietUntil = Instant.MIN;
    private long unsaid;

    LossReport(Metrics metrics, Clock clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    synchronized void lost(Topic topic, String reason) {
        metrics.eventLost(topic);
        unsaid++;
        if (!clock.instant().isBefore(quietUntil)) {
            LOG.warn(
                    "{} could not be sent to {}: {}",
                    unsaid == 1 ? "an event" : unsaid + " events",
                    topic.topicName(),
                    reason);
            quietUntil = clock.instant().plus(INTERVAL);
            unsaid = 0;
        }
    }
}
