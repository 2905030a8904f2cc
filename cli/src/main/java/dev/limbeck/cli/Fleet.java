package dev.limbeck.cli;

import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.TaskQueues;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.TaskQueueType;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.DescribeTaskQueueRequest;
import io.temporal.client.WorkflowClient;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The workers that are connected to a Temporal server. */
final class Fleet {

    /** A waiting worker asks for work once a minute; one that has not done so for longer is gone. */
    private static final long ALIVE_SECONDS = 75;

    private Fleet() {}

    /**
     * For each kind of worker that a run needs and that is not there, what to do.
     *
     * @param here whether this process trains, and measures on devices of class {@link TaskQueues#LOCAL}
     */
    static List<String> missing(WorkflowClient temporal, RunRequest run, boolean here) {
        Map<String, String> needed = new LinkedHashMap<>();
        String training = TaskQueues.training(run.trainingClass());
        needed.put(
                training,
                "nobody trains yet: start 'limbeck worker gpu%s'"
                        .formatted(run.trainingClass() == null ? "" : " --class " + run.trainingClass()));
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            needed.put(
                    TaskQueues.device(scenario.device()),
                    "no device of class '%s' is there yet: start 'limbeck worker device --class %s' on one"
                            .formatted(scenario.device(), scenario.device()));
        }
        if (here) {
            needed.keySet().removeAll(List.of(training, TaskQueues.device(TaskQueues.LOCAL)));
        }
        return needed.entrySet().stream()
                .filter(queue -> !isServed(temporal, queue.getKey()))
                .map(queue -> queue.getValue() + " with this --temporal, --kafka and --store; the run waits for it")
                .toList();
    }

    private static boolean isServed(WorkflowClient temporal, String queue) {
        DescribeTaskQueueRequest request = DescribeTaskQueueRequest.newBuilder()
                .setNamespace(temporal.getOptions().getNamespace())
                .setTaskQueue(TaskQueue.newBuilder().setName(queue))
                .setTaskQueueType(TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
                .build();
        long now = System.currentTimeMillis() / 1000;
        try {
            return temporal
                    .getWorkflowServiceStubs()
                    .blockingStub()
                    .describeTaskQueue(request)
                    .getPollersList()
                    .stream()
                    .anyMatch(poller -> now - poller.getLastAccessTime().getSeconds() < ALIVE_SECONDS);
        } catch (StatusRuntimeException e) {
            // the embedded server does not know who asks it for work
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return true;
            }
            throw e;
        }
    }
}
