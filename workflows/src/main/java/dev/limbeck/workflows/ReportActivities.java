package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;

/** Puts the results of a run together. */
@ActivityInterface
public interface ReportActivities {

    /** @return digest of {@code results.json} in the artifact store */
    String report(RunRequest run, ReportRequest request);
}
