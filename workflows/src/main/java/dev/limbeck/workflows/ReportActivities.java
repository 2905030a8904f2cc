package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;

/** Puts the results of a run together. */
@ActivityInterface
public interface ReportActivities {

    RunOutcome report(RunRequest run, ReportRequest request);
}
