package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import dev.limbeck.schemas.BadInputException;
import io.grpc.StatusRuntimeException;
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

    private final WorkflowServiceStubs service;
    private final WorkflowClient client;

    /**
     * @param address host:port of the server
     * @throws BadInputException if no server answers there
     */
    public TemporalConnection(String address, String identity, ObjectMapper json, Metrics metrics) {
        Scope scope = new RootScopeBuilder()
                .reporter(new MicrometerClientStatsReporter(metrics.registry()))
                .reportEvery(com.uber.m3.util.Duration.ofSeconds(1));
        service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(address)
                .setMetricsScope(scope)
                .build());
        try {
            service.connect(PATIENCE);
        } catch (StatusRuntimeException | IllegalStateException e) {
            service.shutdownNow();
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

    @Override
    public void close() {
        service.shutdownNow();
        service.awaitTermination(2, TimeUnit.SECONDS);
    }
}
