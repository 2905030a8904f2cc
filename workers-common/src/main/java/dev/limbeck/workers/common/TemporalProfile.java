package dev.limbeck.workers.common;

import dev.limbeck.schemas.BadInputException;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.envconfig.LoadClientConfigProfileOptions;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a Temporal server is and how it is spoken to: address, namespace, API key, TLS and client certificate, from the variables
 * {@code TEMPORAL_*} and the TOML file that Temporal's own command shares.
 */
public final class TemporalProfile {

    /** What says that a server is wanted: a file that merely lies there does not. */
    private static final List<String> NAMING = List.of("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE");

    private static final String DEFAULT_NAMESPACE = "default";

    private final ClientConfigProfile profile;

    private TemporalProfile(ClientConfigProfile profile) {
        this.profile = profile;
    }

    /** A server in the namespace "default", without TLS. @param address host:port */
    public static TemporalProfile plain(String address) {
        return new TemporalProfile(
                ClientConfigProfile.newBuilder().setAddress(address).build());
    }

    /**
     * The server that the user has named; empty if none.
     *
     * @param address host:port, instead of the profile's; null for the profile's
     * @param environment of the process
     * @throws BadInputException if the profile cannot be read, or names no address
     */
    public static Optional<TemporalProfile> find(String address, Map<String, String> environment) {
        if (address == null && NAMING.stream().noneMatch(environment::containsKey)) {
            return Optional.empty();
        }
        ClientConfigProfile profile = load(environment);
        String used = address != null ? address : profile.getAddress();
        if (used == null || used.isBlank()) {
            throw new BadInputException(
                    "the Temporal profile names no address; set TEMPORAL_ADDRESS=HOST:PORT or give --temporal HOST:PORT");
        }
        return Optional.of(
                new TemporalProfile(profile.toBuilder().setAddress(used).build()));
    }

    private static ClientConfigProfile load(Map<String, String> environment) {
        try {
            return ClientConfigProfile.load(LoadClientConfigProfileOptions.newBuilder()
                    .setEnvOverrides(environment)
                    .build());
        } catch (IOException | RuntimeException e) {
            throw new BadInputException(
                    "the Temporal profile cannot be read: " + e.getMessage()
                            + "; look at the TEMPORAL_ variables and the file that TEMPORAL_CONFIG_FILE names",
                    e);
        }
    }

    public String address() {
        return profile.getAddress();
    }

    String namespace() {
        return profile.getNamespace() == null ? DEFAULT_NAMESPACE : profile.getNamespace();
    }

    boolean hasOwnNamespace() {
        return !namespace().equals(DEFAULT_NAMESPACE);
    }

    /** @throws BadInputException if a certificate or key cannot be read */
    WorkflowServiceStubsOptions.Builder service() {
        try {
            return WorkflowServiceStubsOptions.newBuilder(profile.toWorkflowServiceStubsOptions());
        } catch (RuntimeException e) {
            throw new BadInputException(
                    "the TLS settings of the Temporal profile cannot be used: " + e.getMessage()
                            + "; look at TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH and"
                            + " TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                    e);
        }
    }

    WorkflowClientOptions.Builder client() {
        return WorkflowClientOptions.newBuilder(profile.toWorkflowClientOptions())
                .setNamespace(namespace());
    }
}
