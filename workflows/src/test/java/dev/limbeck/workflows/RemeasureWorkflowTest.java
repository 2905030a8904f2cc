package dev.limbeck.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.DriftEvent;
import dev.limbeck.workflows.RemeasureRequest.Front;
import dev.limbeck.workflows.RemeasureRequest.Known;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fronts are measured again on the devices of their classes. */
@Timeout(60)
class RemeasureWorkflowTest {

    private static final Known REFERENCE = new Known("models/reference.fp32.onnx", "reference", 2);
    private static final Front LAPTOP =
            new Front("float", new Conditions("local", 1, 1, null, null), REFERENCE, List.of());
    private static final Front PHONE = new Front(
            "small",
            new Conditions("pixel", 4, 1, null, null),
            REFERENCE,
            List.of(new Known("models/net-01.fp32.onnx", "network", 1)));
    private static final RemeasureRequest REQUEST = new RemeasureRequest("run-1", 0.05, List.of(PHONE, LAPTOP));

    /** A class of devices that measures what the run did. */
    private record FakeClass(String name, Calls calls) implements RemeasureActivities {

        @Override
        public DriftEvent remeasure(RemeasureTask task) {
            calls.add("remeasure", name, task);
            return new DriftEvent(
                    task.runId(),
                    task.occasion(),
                    task.front().scenario(),
                    name,
                    "device of " + name,
                    "a runtime",
                    task.tolerance(),
                    1,
                    true,
                    false,
                    false,
                    new DriftEvent.Network("models/reference.fp32.onnx", "reference", 2, 2, 0, 0),
                    List.of());
        }
    }

    private final Calls calls = new Calls();
    private final TestWorkflowEnvironment temporal = TestWorkflowEnvironment.newInstance();
    private RemeasureWorkflow workflow;

    @BeforeEach
    void start() {
        temporal.newWorker(TaskQueues.CONTROL).registerWorkflowImplementationTypes(RemeasureWorkflowImpl.class);
        for (String name : List.of("local", "pixel")) {
            temporal.newWorker(TaskQueues.device(name)).registerActivitiesImplementations(new FakeClass(name, calls));
        }
        temporal.start();
        workflow = temporal.getWorkflowClient()
                .newWorkflowStub(
                        RemeasureWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL)
                                .setWorkflowId("remeasure-run-1")
                                .build());
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void everyFrontIsMeasuredByItsClass() throws Exception {
        RemeasureOutcome outcome = workflow.remeasure(REQUEST);

        assertThat(outcome.fronts())
                .extracting(DriftEvent::scenario, DriftEvent::deviceClass)
                .containsExactly(tuple("small", "pixel"), tuple("float", "local"));
        String occasion = WorkflowStub.fromTyped(workflow).getExecution().getRunId();
        assertThat(calls.of("remeasure"))
                .extracting(call -> call.argument(1, RemeasureTask.class))
                .containsExactlyInAnyOrder(
                        new RemeasureTask("run-1", occasion, 0.05, PHONE),
                        new RemeasureTask("run-1", occasion, 0.05, LAPTOP));
        WorkflowReplayer.replayWorkflowExecution(
                temporal.getWorkflowClient().fetchHistory("remeasure-run-1"), RemeasureWorkflowImpl.class);
    }

    @Test
    void aClassThatFailsKeepsNoOtherFromBeingMeasured() {
        calls.before(call -> {
            if (call.argument(0, String.class).equals("pixel")) {
                throw new BadInputException("the network is gone");
            }
        });

        assertThatThrownBy(() -> workflow.remeasure(REQUEST))
                .isInstanceOf(WorkflowFailedException.class)
                .rootCause()
                .hasMessageContaining("the network is gone");
        assertThat(calls.of("remeasure"))
                .extracting(call -> call.argument(0, String.class))
                .containsExactlyInAnyOrder("pixel", "local");
    }
}
