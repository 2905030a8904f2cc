package dev.limbeck.bench;

import dev.limbeck.workflows.Conditions;
import dev.limbeck.workflows.DeviceActivities;
import dev.limbeck.workflows.MeasureOutcome;
import dev.limbeck.workflows.MeasureTask;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.Priority;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Measures as a search does: generation after generation, 40 candidates at once, eight a task. */
@WorkflowInterface
public interface ScaleRun {

    String QUEUE = "limbeck-scale";

    /** @return how many networks were measured */
    @WorkflowMethod(name = "ScaleRun")
    int run(String runId, String deviceClass, List<String> networks);

    /** Runs on the benchmark's own worker. */
    final class Impl implements ScaleRun {

        private static final int GENERATION = 40;
        private static final int TASK = 8;

        @Override
        public int run(String runId, String deviceClass, List<String> networks) {
            DeviceActivities device = Workflow.newActivityStub(
                    DeviceActivities.class,
                    ActivityOptions.newBuilder()
                            .setTaskQueue(TaskQueues.device(deviceClass))
                            .setStartToCloseTimeout(Duration.ofMinutes(10))
                            .setHeartbeatTimeout(Duration.ofMinutes(2))
                            .setPriority(
                                    Priority.newBuilder().setFairnessKey(runId).build())
                            .build());
            int measured = 0;
            for (int from = 0; from < networks.size(); from += GENERATION) {
                List<String> generation = networks.subList(from, Math.min(networks.size(), from + GENERATION));
                List<Promise<MeasureOutcome>> tasks = new ArrayList<>();
                for (int first = 0; first < generation.size(); first += TASK) {
                    List<String> part =
                            List.copyOf(generation.subList(first, Math.min(generation.size(), first + TASK)));
                    tasks.add(Async.function(
                            device::measure,
                            new MeasureTask(
                                    runId,
                                    "scale",
                                    new Conditions(deviceClass, 1, 1, null, null),
                                    MeasureTask.Effort.PROFILE,
                                    part)));
                }
                for (Promise<MeasureOutcome> task : tasks) {
                    measured += task.get().measured().size();
                }
            }
            return measured;
        }
    }
}
