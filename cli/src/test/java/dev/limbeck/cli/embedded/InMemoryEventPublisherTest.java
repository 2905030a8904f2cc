package dev.limbeck.cli.embedded;

import dev.limbeck.workers.common.EventPublisher;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.testing.InMemoryEventPublisher;
import java.util.List;

class InMemoryEventPublisherTest extends EventPublisherContract {

    private final InMemoryEventPublisher publisher = new InMemoryEventPublisher(JSON);

    @Override
    protected EventPublisher publisher() {
        return publisher;
    }

    @Override
    protected List<Received> received(Topic topic, String keyPrefix, int count) {
        return publisher.events(topic).stream()
                .filter(event -> event.key().startsWith(keyPrefix))
                .map(event -> new Received(event.key(), event.data()))
                .toList();
    }
}
