package dev.limbeck.workflows;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.Spec;

/**
 * What a run is asked to do; every activity gets it.
 *
 * @param runId the workflow's id, which is also the events' subject
 * @param reference digest of the reference network in the artifact store
 */
public record RunRequest(String runId, Spec spec, String reference) {

    public RunRequest {
        requireNonNull(runId, "runId is null");
        requireNonNull(spec, "spec is null");
        requireNonNull(reference, "reference is null");
    }
}
