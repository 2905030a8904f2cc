package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.RequestEvent;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** All runs that were ever asked for on {@code limbeck.requests}. Those that are wrong, or not accepted, become dead letters. */
public final class RequestLog implements AutoCloseable {

    private final NewestRecords<RequestEvent> records;

    /**
     * @param properties of a Kafka client, with {@code bootstrap.servers}
     * @param accept throws BadInputException for what this process is not to do, whoever wrote it
     */
    public RequestLog(
            Map<String, Object> properties, ObjectMapper json, Metrics metrics, Consumer<RequestEvent> accept) {
        records = new NewestRecords<>(
                properties, Topic.REQUESTS, RequestEvent.class, request -> checkedKey(request, accept), json, metrics);
    }

    private static String checkedKey(RequestEvent request, Consumer<RequestEvent> accept) {
        accept.accept(request);
        return request.id();
    }

    /** In no particular order. */
    public synchronized List<RequestEvent> requests() {
        return List.copyOf(records.now().values());
    }

    @Override
    public synchronized void close() {
        records.close();
    }
}
