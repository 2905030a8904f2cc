package dev.limbeck.cli.grafana;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.cli.embedded.EmbeddedKafka;
import dev.limbeck.cli.embedded.EmbeddedTemporal;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.DriftEvent;
import dev.limbeck.schemas.Measurement;
import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.MeasurementLog;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.RunMeters;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workers.common.Topic;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.common.RetryOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.CommonClientConfigs;

/** What {@code /metrics} says after some work over real servers: the truth that dashboards and rules are held against. */
final class ExportedMeters {

    @WorkflowInterface
    public interface Work {

        @WorkflowMethod
        void work(boolean succeed);
    }

    @ActivityInterface
    public interface Step {

        void step(boolean succeed);
    }

    public static final class WorkImpl implements Work {

        private final Step step = Workflow.newActivityStub(
                Step.class,
                ActivityOptions.newBuilder()
                        .setStartToCloseTimeout(Duration.ofSeconds(10))
                        .setRetryOptions(
                                RetryOptions.newBuilder().setMaximumAttempts(1).build())
                        .build());

        @Override
        public void work(boolean succeed) {
            step.step(succeed);
        }
    }

    @WorkflowInterface
    public interface Broken {

        @WorkflowMethod
        void run();
    }

    /** As code does that is not that of the workflow's history: its workflow tasks fail, again and again. */
    public static final class BrokenImpl implements Broken {

        @Override
        public void run() {
            throw new IllegalStateException("this workflow cannot go on");
        }
    }

    private ExportedMeters() {}

    /** @param folder for the broker's log */
    static String scrape(Path folder) {
        ObjectMapper json = Json.mapper();
        try (Metrics metrics = Metrics.unserved();
                EmbeddedKafka kafka = new EmbeddedKafka(folder);
                EmbeddedTemporal temporal = new EmbeddedTemporal()) {
            Map<String, Object> client = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.address());
            KafkaEventPublisher.createTopics(client);
            try (KafkaEventPublisher events =
                            new KafkaEventPublisher(client, "worker", json, metrics, Clock.systemUTC());
                    MeasurementLog log = new MeasurementLog(client, events, json, metrics)) {
                log.append(new Measurement("key", "n", "local", "d", "r", "s", 1, 1, 1, true, 1, "r"));
                log.find("key");
                ourOwn(metrics);
                try (TemporalConnection connection =
                        new TemporalConnection(temporal.address(), "worker", json, metrics)) {
                    runWorkflows(connection, metrics);
                }
                return afterCollection(metrics);
            }
        }
    }

    private static void ourOwn(Metrics metrics) {
        metrics.countingImages(Progress.NONE, 100);
        metrics.imagesTrained(1);
        metrics.blockTrained();
        metrics.networkFinetuned();
        metrics.measured("local", "scenario", false);
        metrics.inferenceLatency("local", "scenario", 1);
        metrics.deviceState("local", DeviceState.State.AVAILABLE);
        metrics.deviceTemperature("local", 48);
        metrics.canaryDrift("local", "int8", 0.01);
        metrics.frontDrift(
                new DriftEvent(
                        "run",
                        "monday",
                        "scenario",
                        "local",
                        "device",
                        "runtime",
                        0.05,
                        1,
                        true,
                        false,
                        false,
                        new DriftEvent.Network("reference.onnx", "r", 1, 1, 0, 0),
                        List.of()),
                Instant.EPOCH);
        metrics.queueWait("limbeck-gpu", Duration.ofMillis(1));
        metrics.progress("library", 1, 2);
        metrics.eventLost(Topic.PROGRESS);
        metrics.recordUnreadable(Topic.MEASUREMENTS);
        Instant now = Instant.EPOCH;
        metrics.runs()
                .show(
                        List.of(new RunMeters.Run("run-0123456789ab", "library", 0.5, 60.0)),
                        List.of(new RunMeters.Tasks("Measure", "limbeck-device-local", "waiting", 2)),
                        now);
        metrics.runs().front("run-0123456789ab", "scenario", List.of(new RunMeters.Point(0.9, 1)), now);
    }

    private static void runWorkflows(TemporalConnection connection, Metrics metrics) {
        WorkerFactory workers = WorkerFactory.newInstance(connection.client());
        Worker worker = workers.newWorker("limbeck-gpu");
        worker.registerWorkflowImplementationTypes(WorkImpl.class, BrokenImpl.class);
        worker.registerActivitiesImplementations((Step) succeed -> {
            if (!succeed) {
                throw new IllegalStateException("this step fails");
            }
        });
        workers.start();
        for (boolean succeed : new boolean[] {true, false}) {
            try {
                connection
                        .client()
                        .newWorkflowStub(
                                Work.class,
                                WorkflowOptions.newBuilder()
                                        .setTaskQueue("limbeck-gpu")
                                        .build())
                        .work(succeed);
            } catch (WorkflowException e) {
                if (succeed) {
                    throw e;
                }
            }
        }
        try {
            connection.client().newUntypedWorkflowStub("absent").terminate("there is no such workflow");
        } catch (WorkflowNotFoundException e) {
            // a request that fails is what is wanted
        }
        WorkflowClient.start(connection
                .client()
                .newWorkflowStub(
                        Broken.class,
                        WorkflowOptions.newBuilder().setTaskQueue("limbeck-gpu").build())::run);
        await("temporal_workflow_task_execution_failed_total", metrics);
        workers.shutdownNow();
    }

    /** A pause of the garbage collector is told some moments after it. */
    private static String afterCollection(Metrics metrics) {
        System.gc();
        return await("jvm_gc_pause_seconds_sum", metrics);
    }

    private static String await(String meter, Metrics metrics) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        String text = metrics.registry().scrape();
        while (!text.contains(meter) && System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            text = metrics.registry().scrape();
        }
        return text;
    }
}
