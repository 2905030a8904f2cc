package dev.limbeck.workflows;

import io.temporal.workflow.QueryMethod;

/** A workflow that is a stage of a run and says how far it is. */
public interface Stage {

    /** The query's name. */
    String PROGRESS = "progress";

    @QueryMethod(name = PROGRESS)
    StageProgress progress();
}
