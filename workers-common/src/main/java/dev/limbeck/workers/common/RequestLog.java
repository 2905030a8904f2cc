package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.RequestEvent;
import java.util.List;
import java.util.Map;

/** All runs that were ever asked for on {@code limbeck.requests}. Requests whose spec is wrong become dead letters. */
public final class RequestLog implements AutoCloseable {

    private final NewestRecords<RequestEvent> records;

    /** @param properties of a Kafka client, with {@code bootstrap.servers} */
    public RequestLog(Map<String, Object> properties, ObjectMapper json, Metrics metrics) {
        records = new NewestRecords<>(
                properties, Topic.REQUESTS, RequestEvent.class, RequestLog::checkedKey, json, metrics);
    }

    private static String checkedKey(RequestEvent request) {
        request.parsed();
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
