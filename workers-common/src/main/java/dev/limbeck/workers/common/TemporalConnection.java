package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import com.uber.m3.tally.ScopeCloseException;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.UnreachableException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** A connection to a Temporal server, with our records as its payloads and its meters among ours. */
public final class TemporalConnection implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Scope scope;
    private final WorkflowServiceStubs service;
    private final WorkflowClient client;

    /**
     * Without TLS, in the namespace "default".
     *
     * @param address host:port of the server
     * @throws UnreachableException if no server answers there
     */
    public TemporalConnection(String address, String identity, ObjectMapper json, Metrics metrics) {
        this(TemporalProfile.plain(address), identity, json, metrics);
    }

    /** @throws BadInputException if no server answers there, or it refuses us */
    public TemporalConnection(TemporalProfile profile, String identity, ObjectMapper json, Metrics metrics) {
        this(profile, identity, json, metrics, PATIENCE);
    }

    /** @param patience how long to wait for an answer */
    public TemporalConnection(
            TemporalProfile profile, String identity, ObjectMapper json, Metrics metrics, Duration patience) {
        scope = new RootScopeBuilder()
                .reporter(new Reporter(metrics.registry()))
                .reportEvery(com.uber.m3.util.Duration.ofSeconds(1));
        service = WorkflowServiceStubs.newServiceStubs(
                profile.service().setMetricsScope(scope).build());
        try {
            service.connect(patience);
            if (profile.hasOwnNamespace()) {
                service.blockingStub()
                        .describeNamespace(DescribeNamespaceRequest.newBuilder()
                                .setNamespace(profile.namespace())
                                .build());
            }
        } catch (StatusRuntimeException | IllegalStateException e) {
            close();
            throw refused(profile, e);
        }
        client = WorkflowClient.newInstance(
                service,
                profile.client()
                        .setIdentity(identity)
                        .setDataConverter(DefaultDataConverter.newDefaultInstance()
                                .withPayloadConverterOverrides(new JacksonJsonPayloadConverter(json)))
                        .build());
    }

    private static BadInputException refused(TemporalProfile profile, RuntimeException failure) {
        Status status = Status.fromThrowable(failure);
        return switch (status.getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED ->
                new BadInputException(
                        "the Temporal server at %s refuses us: %s; look at TEMPORAL_API_KEY, TEMPORAL_NAMESPACE and the client certificate"
                                .formatted(profile.address(), status.getDescription()),
                        failure);
            case NOT_FOUND ->
                new BadInputException(
                        "the Temporal server at %s has no namespace '%s'; look at TEMPORAL_NAMESPACE"
                                .formatted(profile.address(), profile.namespace()),
                        failure);
            default ->
                new UnreachableException(
                        "no Temporal server answers at %s%s; start one, such as by 'limbeck up'; 'limbeck run' without --temporal has its own"
                                .formatted(profile.address(), tls(failure)),
                        failure);
        };
    }

    /** What TLS did not like, if it was that. */
    private static String tls(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return " (TLS: " + cause.getMessage() + "; look at the TEMPORAL_TLS_ variables)";
            }
        }
        return "";
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
