package dev.limbeck.workflows;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.Spec;

/**
 * What a run is asked to do; every activity gets it.
 *
 * @param runId the workflow's id, which is also the events' subject
 * @param reference digest of the reference network in the artifact store
 * @param trainingClass class of the machines that train for it; null for those without one
 */
public record RunRequest(String runId, Spec spec, String reference, String trainingClass) {

    public RunRequest {
        requireNonNull(runId, "runId is null");
        requireNonNull(spec, "spec is null");
        requireNonNull(reference, "reference is null");
    }

    /** Trained by machines without a class. */
    public RunRequest(String runId, Spec spec, String reference) {
        this(runId, spec, reference, null);
    }

    /** The same, trained by other machines: which ones changes nothing of what the run is. */
    public RunRequest withTrainingClass(String name) {
        return new RunRequest(runId, spec, reference, name);
    }
}
