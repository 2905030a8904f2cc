package dev.limbeck.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workers.common.TemporalProfile;
import io.temporal.client.WorkflowClient;

/** A client's connection to servers that are there already; it starts none. */
final class Connection implements AutoCloseable {

    private final Metrics metrics = Metrics.unserved();
    private final TemporalConnection temporal;
    private final ArtifactStore store;

    /** @throws BadInputException if no server is named, or none answers */
    Connection(ServerOptions options, ObjectMapper json) {
        TemporalProfile profile = options.temporal()
                .orElseThrow(
                        () -> new BadInputException(
                                "--temporal HOST:PORT or TEMPORAL_ADDRESS is missing: the server that the run is known to; "
                                        + "'limbeck up' starts one for trying out, and 'limbeck run' does everything by itself"));
        store = Stores.open(options.store(), System.getenv());
        try {
            temporal = new TemporalConnection(profile, "limbeck-client", json, metrics);
        } catch (RuntimeException e) {
            store.close();
            metrics.close();
            throw e;
        }
    }

    WorkflowClient temporal() {
        return temporal.client();
    }

    ArtifactStore store() {
        return store;
    }

    @Override
    public void close() {
        temporal.close();
        store.close();
        metrics.close();
    }
}
