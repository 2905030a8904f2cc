package dev.limbeck.workers.common;

/** Where workers say what happens. */
public interface EventPublisher extends AutoCloseable {

    /**
     * Sends an event without waiting for it to arrive; work goes on where it cannot be sent.
     *
     * @param key records of one key stay in order
     * @param data a record that the topic's JSON Schema accepts
     */
    void publish(Topic topic, String key, Object data);

    /** As {@link #publish}, but waits until the event is safe. @throws IllegalStateException if it could not be sent */
    void publishAndWait(Topic topic, String key, Object data);

    @Override
    void close();
}
