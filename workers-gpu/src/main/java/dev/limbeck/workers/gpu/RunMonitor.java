package dev.limbeck.workers.gpu;

import static java.util.Objects.requireNonNull;

import dev.limbeck.workers.common.Executions;
import dev.limbeck.workers.common.RunMeters;
import dev.limbeck.workers.common.TimeLeft;
import dev.limbeck.workflows.OptimizeWorkflow;
import dev.limbeck.workflows.QuantizeWorkflow;
import dev.limbeck.workflows.RunStatus;
import dev.limbeck.workflows.Stage;
import dev.limbeck.workflows.StageProgress;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.PendingActivityState;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the server now and then how far its runs are, for those who watch the metrics. Every training worker does so and says the same:
 * whichever of them is there, the boards have it.
 */
final class RunMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunMonitor.class);
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** A pause is so long for each run: each costs a few questions. */
    private static final Duration PAUSE_A_RUN = Duration.ofSeconds(2);

    private static final double NANOS_PER_SECOND = 1e9;
    private static final String NO_ANSWER = "no answer";
    private static final Set<String> RUNS =
            Set.of(OptimizeWorkflow.class.getSimpleName(), QuantizeWorkflow.class.getSimpleName());

    private final WorkflowClient temporal;
    private final RunMeters meters;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService clockwork = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("run-monitor").factory());
    private Map<String, Seen> seen = new HashMap<>();

    /** What is known of a run's present stage. @param parts progress of the workflows that it consists of, by their ids */
    private record Seen(String stage, Map<String, StageProgress> parts, TimeLeft timeLeft) {}

    private record Queued(String activity, String queue, String state) {}

    RunMonitor(WorkflowClient temporal, RunMeters meters, Clock clock, LongSupplier nanoTime) {
        this.temporal = requireNonNull(temporal, "temporal is null");
        this.meters = requireNonNull(meters, "meters is null");
        this.clock = requireNonNull(clock, "clock is null");
        this.nanoTime = requireNonNull(nanoTime, "nanoTime is null");
    }

    RunMonitor start() {
        lookIn(FIRST);
        return this;
    }

    private void lookIn(Duration pause) {
        clockwork.schedule(this::lookAndLookAgain, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void lookAndLookAgain() {
        look();
        if (!clockwork.isShutdown()) {
            Duration pause = PAUSE_A_RUN.multipliedBy(Math.max(1, seen.size()));
            lookIn(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
        }
    }

    /** A server that is away has said what it had to say. */
    private void look() {
        try {
            List<WorkflowExecutionInfo> open = Executions.open(temporal);
            Map<String, Seen> present = new HashMap<>();
            List<RunMeters.Run> runs = new ArrayList<>();
            for (WorkflowExecutionInfo info : open) {
                if (RUNS.contains(info.getType().getName())) {
                    String runId = info.getExecution().getWorkflowId();
                    Seen now = see(runId, open);
                    present.put(runId, now);
                    runs.add(run(runId, now));
                }
            }
            seen = present;
            meters.show(runs, tasks(open), clock.instant());
        } catch (StatusRuntimeException e) {
            LOG.debug("the server does not say what is under way", e);
        } catch (RuntimeException e) {
            LOG.warn("cannot say how far the runs are", e);
        }
    }

    private Seen see(String runId, List<WorkflowExecutionInfo> open) {
        String stage = stage(runId);
        Seen before = seen.get(runId);
        Seen now = before != null && before.stage().equals(stage)
                ? before
                : new Seen(stage, new HashMap<>(), new TimeLeft(nanoTime.getAsLong(), 0));
        open.stream()
                .map(info -> info.getExecution().getWorkflowId())
                .filter(id -> id.startsWith(runId + "/") || id.equals(runId) && stage.equals("quantize"))
                .forEach(id -> progress(id).ifPresent(part -> now.parts().put(id, part)));
        return now;
    }

    private RunMeters.Run run(String runId, Seen now) {
        long done = now.parts().values().stream().mapToLong(StageProgress::done).sum();
        long total =
                now.parts().values().stream().mapToLong(StageProgress::total).sum();
        OptionalLong left = now.timeLeft().estimate(nanoTime.getAsLong(), done, total);
        return new RunMeters.Run(
                runId,
                now.stage(),
                total == 0 ? null : done / (double) total,
                left.isPresent() ? left.getAsLong() / NANOS_PER_SECOND : null);
    }

    private String stage(String runId) {
        try {
            return temporal.newUntypedWorkflowStub(runId)
                    .query("status", RunStatus.class)
                    .stage();
        } catch (WorkflowException | StatusRuntimeException e) {
            return NO_ANSWER;
        }
    }

    private Optional<StageProgress> progress(String workflow) {
        try {
            return Optional.of(temporal.newUntypedWorkflowStub(workflow).query(Stage.PROGRESS, StageProgress.class));
        } catch (WorkflowException | StatusRuntimeException e) {
            return Optional.empty(); // it has just ended, or nobody is there to answer
        }
    }

    private List<RunMeters.Tasks> tasks(List<WorkflowExecutionInfo> open) {
        Map<Queued, Long> counts = open.stream()
                .flatMap(info -> pending(info).stream())
                .collect(Collectors.groupingBy(
                        task -> new Queued(
                                task.getActivityType().getName(),
                                task.getActivityOptions().hasTaskQueue()
                                        ? task.getActivityOptions()
                                                .getTaskQueue()
                                                .getName()
                                        : "unknown", // the embedded server does not say it
                                state(task)),
                        Collectors.counting()));
        return counts.entrySet().stream()
                .map(some -> new RunMeters.Tasks(
                        some.getKey().activity(),
                        some.getKey().queue(),
                        some.getKey().state(),
                        some.getValue().intValue()))
                .toList();
    }

    private List<PendingActivityInfo> pending(WorkflowExecutionInfo info) {
        return temporal.getWorkflowServiceStubs()
                .blockingStub()
                .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                        .setNamespace(temporal.getOptions().getNamespace())
                        .setExecution(info.getExecution())
                        .build())
                .getPendingActivitiesList();
    }

    private static String state(PendingActivityInfo task) {
        if (task.getState() != PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED) {
            return "running";
        }
        return task.getAttempt() > 1 ? "retrying" : "waiting";
    }

    @Override
    public void close() {
        clockwork.shutdownNow();
    }
}
