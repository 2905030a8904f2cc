package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.DriftEvent;
import dev.limbeck.workflows.RemeasureOutcome;
import dev.limbeck.workflows.RemeasureRequest;
import dev.limbeck.workflows.RemeasureWorkflow;
import dev.limbeck.workflows.TaskQueues;
import io.grpc.Status;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionExecutionStartWorkflow;
import io.temporal.client.schedules.ScheduleActionResult;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleAlreadyRunningException;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleException;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleIntervalSpec;
import io.temporal.client.schedules.ScheduleListDescription;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Temporal Schedules that measure fronts again: one a run, under an id made of the run's. */
final class Schedules {

    private static final String PREFIX = "remeasure-";

    /** What a server that was away has missed for longer waits for its next turn. */
    private static final Duration CATCH_UP = Duration.ofHours(1);

    private static final int LAST_OUTCOMES = 3;

    private final WorkflowClient temporal;
    private final ScheduleClient schedules;

    Schedules(WorkflowClient temporal) {
        this.temporal = temporal;
        schedules = ScheduleClient.newInstance(
                temporal.getWorkflowServiceStubs(),
                ScheduleClientOptions.newBuilder()
                        .setNamespace(temporal.getOptions().getNamespace())
                        .setIdentity(temporal.getOptions().getIdentity())
                        .setDataConverter(temporal.getOptions().getDataConverter())
                        .build());
    }

    /**
     * A line of the list.
     *
     * @param everySeconds between two measurements
     * @param next when it is measured the next time; null where it is paused for good
     * @param measured when the last measurement that has ended began; null before that
     * @param fronts what it found; empty before that
     */
    record Entry(
            String runId,
            long everySeconds,
            double tolerance,
            Instant next,
            Instant measured,
            List<DriftEvent> fronts) {}

    /**
     * Makes a run's schedule, or changes the one that it has.
     *
     * @param now whether it is measured at once, too
     * @return whether it had none
     */
    boolean put(RemeasureRequest request, Duration every, boolean now) {
        Schedule schedule = schedule(request, every);
        return asked(() -> {
            try {
                schedules.createSchedule(
                        id(request.runId()),
                        schedule,
                        ScheduleOptions.newBuilder().setTriggerImmediately(now).build());
                return true;
            } catch (ScheduleAlreadyRunningException e) {
                ScheduleHandle present = schedules.getHandle(id(request.runId()));
                present.update(old -> new ScheduleUpdate(schedule));
                if (now) {
                    present.trigger();
                }
                return false;
            }
        });
    }

    private static Schedule schedule(RemeasureRequest request, Duration every) {
        return Schedule.newBuilder()
                .setAction(ScheduleActionStartWorkflow.newBuilder()
                        .setWorkflowType(RemeasureWorkflow.class)
                        .setArguments(request)
                        // the server adds the time to the id
                        .setOptions(WorkflowOptions.newBuilder()
                                .setWorkflowId(id(request.runId()))
                                .setTaskQueue(TaskQueues.CONTROL)
                                .build())
                        .build())
                .setSpec(ScheduleSpec.newBuilder()
                        .setIntervals(List.of(new ScheduleIntervalSpec(every)))
                        .build())
                .setPolicy(SchedulePolicy.newBuilder()
                        .setOverlap(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP)
                        .setCatchupWindow(CATCH_UP)
                        .build())
                .build();
    }

    /** @throws BadInputException if the run has no schedule */
    void remove(String runId) {
        asked(() -> {
            schedules.getHandle(id(runId)).delete();
            return null;
        });
    }

    /** By run. A server may need a second to list what was changed. */
    List<Entry> list() {
        return asked(() -> schedules
                .listSchedules()
                .map(ScheduleListDescription::getScheduleId)
                .filter(id -> id.startsWith(PREFIX))
                .map(id -> entry(schedules.getHandle(id).describe()))
                .sorted(Comparator.comparing(Entry::runId))
                .toList());
    }

    private Entry entry(ScheduleDescription described) {
        ScheduleActionStartWorkflow action =
                (ScheduleActionStartWorkflow) described.getSchedule().getAction();
        RemeasureRequest request = action.getArguments().get(0, RemeasureRequest.class);
        Duration every =
                described.getSchedule().getSpec().getIntervals().getFirst().getEvery();
        List<Instant> next = described.getInfo().getNextActionTimes();
        Entry entry = new Entry(
                request.runId(),
                every.toSeconds(),
                request.tolerance(),
                next.isEmpty() ? null : next.getFirst(),
                null,
                List.of());
        return last(entry, described.getInfo().getRecentActions());
    }

    /** The newest of the last measurements that has come to an end; a server keeps what they found for some days only. */
    private Entry last(Entry entry, List<ScheduleActionResult> actions) {
        List<ScheduleActionResult> newest = new ArrayList<>(actions);
        newest.sort(Comparator.comparing(ScheduleActionResult::getStartedAt).reversed());
        for (ScheduleActionResult action : newest.stream().limit(LAST_OUTCOMES).toList()) {
            String workflow = ((ScheduleActionExecutionStartWorkflow) action.getAction()).getWorkflowId();
            try {
                RemeasureOutcome outcome = temporal.newUntypedWorkflowStub(workflow)
                        .getResult(1, TimeUnit.SECONDS, RemeasureOutcome.class);
                return new Entry(
                        entry.runId(),
                        entry.everySeconds(),
                        entry.tolerance(),
                        entry.next(),
                        action.getStartedAt(),
                        outcome.fronts());
            } catch (TimeoutException | WorkflowException e) {
                // under way, failed or forgotten: the one before may say more
            }
        }
        return entry;
    }

    private static String id(String runId) {
        return PREFIX + runId;
    }

    /** @throws BadInputException if the server has no schedules, or not this one */
    private static <T> T asked(Supplier<T> question) {
        try {
            return question.get();
        } catch (ScheduleException | io.grpc.StatusRuntimeException e) {
            Status.Code code = Status.fromThrowable(e).getCode();
            if (code == Status.Code.UNIMPLEMENTED) {
                throw new BadInputException(
                        "this Temporal server keeps no schedules: the one inside 'limbeck up' and 'limbeck run' has none; start a real "
                                + "one, such as 'temporal server start-dev', and name it by --temporal",
                        e);
            }
            if (code == Status.Code.NOT_FOUND) {
                throw new BadInputException(
                        "this run has no schedule; 'limbeck schedule list' with this --temporal says which have one",
                        e);
            }
            throw e;
        }
    }
}
