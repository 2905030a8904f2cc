package dev.limbeck.workers.common;

/** The topics of Limbeck, as {@code asyncapi.yaml} describes them. */
public enum Topic {
    /** Latencies, keyed by what they depend on; the newest of each key is kept for ever. */
    MEASUREMENTS("limbeck.measurements", "dev.limbeck.measurement.v1", "measurement", true),
    /** How far runs are, keyed by run. */
    PROGRESS("limbeck.progress", "dev.limbeck.progress.v1", "progress", false),
    /** Devices and what they do, keyed by device; the newest of each key is kept for ever. */
    DEVICES("limbeck.devices", "dev.limbeck.device.v1", "device", true),
    /** Finished runs, keyed by run. */
    RESULTS("limbeck.results", "dev.limbeck.result.v1", "result", false),
    /** Runs that somebody wants, keyed by request; the newest of each key is kept for ever. */
    REQUESTS("limbeck.requests", "dev.limbeck.request.v1", "request", true),
    /** Fronts that were measured again, keyed by run. */
    DRIFT("limbeck.drift", "dev.limbeck.drift.v1", "drift", false);

    private final String topicName;
    private final String eventType;
    private final String schema;
    private final boolean compacted;

    Topic(String topicName, String eventType, String schema, boolean compacted) {
        this.topicName = topicName;
        this.eventType = eventType;
        this.schema = schema;
        this.compacted = compacted;
    }

    public String topicName() {
        return topicName;
    }

    /** The CloudEvents type of its records. */
    public String eventType() {
        return eventType;
    }

    /** Name of the JSON Schema of its records' data. */
    public String schema() {
        return schema;
    }

    public boolean compacted() {
        return compacted;
    }
}
