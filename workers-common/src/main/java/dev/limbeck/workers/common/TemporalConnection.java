package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import com.uber.m3.tally.ScopeCloseException;
import dev.limbeck.schemas.BadInputException;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A connection to a Temporal server, with our records as its payloads and its meters among ours. */
public final class TemporalConnection implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Scope scope;
    private final WorkflowServiceStubs service;
    private final WorkflowClient client;

    /**
     * @param address host:port of the server
     * @throws BadInputException if no server answers there
     */
    public TemporalConnection(String address, String identity, ObjectMapper json, Metrics metrics) {
        this(address, identity, json, metrics, PATIENCE);
    }

    /** @param patience how long to wait for an answer */
    public TemporalConnection(String address, String identity, ObjectMapper json, Metrics metrics, Duration patience) {
        scope = new RootScopeBuilder()
                .reporter(new Reporter(metrics.registry()))
                .reportEvery(com.uber.m3.util.Duration.ofSeconds(1));
        service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(address)
                .setMetricsScope(scope)
                .build());
        try {
            service.connect(patience);
        } catch (StatusRuntimeException | IllegalStateException e) {
            close();
            throw new BadInputException(
                    "no Temporal server answers at " + address
                            + "; start one, or leave --temporal out to run an embedded one",
                    e);
        }
        client = WorkflowClient.newInstance(
                service,
                WorkflowClientOptions.newBuilder()
                        .setIdentity(identity)
                        .setDataConverter(DefaultDataConverter.newDefaultInstance()
                                .withPayloadConverterOverrides(new JacksonJsonPayloadConverter(json)))
                        .build());
    }

    public WorkflowClient client() {
        return client;
    }

    /** What is still to be reported reaches the meters. */
    @Override
    public void close() {
        service.shutdownNow();
        service.awaitTermination(2, TimeUnit.SECONDS);
        try {
            scope.close();
        } catch (ScopeCloseException e) {
            throw new IllegalStateException("Temporal's last meters cannot be reported", e);
        }
    }

    /** Leaves the registry open, which belongs to the process and not to this connection. */
    private static final class Reporter extends MicrometerClientStatsReporter {

        Reporter(MeterRegistry registry) {
            super(registry);
        }

        @Override
        public void close() {}
    }
}
