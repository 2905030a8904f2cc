package dev.limbeck.workflows;

import dev.limbeck.schemas.DriftEvent;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;

/** Registered by every worker that serves {@link TaskQueues#CONTROL}. */
public final class RemeasureWorkflowImpl implements RemeasureWorkflow {

    @Override
    public RemeasureOutcome remeasure(RemeasureRequest request) {
        String occasion = Workflow.getInfo().getRunId();
        List<Promise<DriftEvent>> measuring = new ArrayList<>();
        for (RemeasureRequest.Front front : request.fronts()) {
            RemeasureActivities device =
                    Stubs.device(RemeasureActivities.class, front.conditions().deviceClass(), request.runId());
            measuring.add(Async.function(
                    device::remeasure, new RemeasureTask(request.runId(), occasion, request.tolerance(), front)));
        }
        return new RemeasureOutcome(request.runId(), all(measuring));
    }

    /** A class of devices that fails does not keep the others from being measured; only then does the failure count. */
    private static List<DriftEvent> all(List<Promise<DriftEvent>> measuring) {
        List<DriftEvent> fronts = new ArrayList<>();
        ActivityFailure failure = null;
        for (Promise<DriftEvent> front : measuring) {
            try {
                fronts.add(front.get());
            } catch (ActivityFailure e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return fronts;
    }
}
