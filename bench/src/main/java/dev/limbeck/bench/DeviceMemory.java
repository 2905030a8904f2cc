package dev.limbeck.bench;

import dev.limbeck.cli.embedded.EmbeddedKafka;
import dev.limbeck.cli.embedded.EmbeddedTemporal;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.FashionMnist;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.Networks;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workflows.Conditions;
import dev.limbeck.workflows.DeviceActivities;
import dev.limbeck.workflows.MeasureOutcome;
import dev.limbeck.workflows.MeasureTask;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Memory of a device worker: starts {@code ./limbeck worker device} against embedded servers, lets it measure the example's
 * reference for the report and 20 networks of its size for a search, and prints the largest resident memory of its process, which
 * libraries it mapped, and how long it took. The bar is 300 MB, without libtorch. Needs Linux.
 */
public final class DeviceMemory {

    private static final int SEARCHED = 20;
    private static final String QUEUE = "limbeck-bench";
    private static final String DEVICE_CLASS = "local";
    private static final Path REFERENCE = Path.of("examples", "fashion-mnist", "reference.onnx");

    private DeviceMemory() {}

    /** Passes a task on to a device. */
    @WorkflowInterface
    public interface MeasureWorkflow {

        @WorkflowMethod
        MeasureOutcome measure(MeasureTask task);
    }

    /** Of {@link MeasureWorkflow}. */
    public static final class MeasureWorkflowImpl implements MeasureWorkflow {

        private final DeviceActivities device = Workflow.newActivityStub(
                DeviceActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.device(DEVICE_CLASS))
                        .setStartToCloseTimeout(Duration.ofMinutes(10))
                        .build());

        @Override
        public MeasureOutcome measure(MeasureTask task) {
            return device.measure(task);
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Locale.setDefault(Locale.ROOT);
        Path folder = Files.createTempDirectory("limbeck-bench");
        try (EmbeddedTemporal temporal = new EmbeddedTemporal();
                EmbeddedKafka kafka = new EmbeddedKafka(folder.resolve("kafka"));
                Metrics metrics = Metrics.unserved();
                TemporalConnection connection =
                        new TemporalConnection(temporal.address(), "bench", Json.mapper(), metrics)) {
            WorkerFactory factory = WorkerFactory.newInstance(connection.client());
            factory.newWorker(QUEUE).registerWorkflowImplementationTypes(MeasureWorkflowImpl.class);
            factory.start();
            Process worker = new ProcessBuilder(
                            "./limbeck",
                            "worker",
                            "device",
                            "--temporal",
                            temporal.address(),
                            "--kafka",
                            kafka.address(),
                            "--store",
                            folder.toString())
                    .inheritIO()
                    .start();
            try {
                measure(connection.client(), new FolderStore(folder));
                report(worker.pid());
            } finally {
                worker.destroy();
                if (!worker.waitFor(20, TimeUnit.SECONDS)) {
                    worker.destroyForcibly();
                }
                factory.shutdownNow();
            }
        }
    }

    private static void measure(WorkflowClient client, FolderStore store) {
        List<String> searched = new ArrayList<>();
        ImageInput input = new ImageInput(1, 28, FashionMnist.MEAN, FashionMnist.STD);
        for (int seed = 0; seed < SEARCHED; seed++) {
            searched.add(store.put(
                    Networks.byName("mobilenetv3-mini", input, 10, seed).toBytes()));
        }
        List<String> reference = List.of(store.put(Graph.read(REFERENCE).toBytes()));
        run(client, MeasureTask.Effort.SEARCH, searched);
        run(client, MeasureTask.Effort.REPORT, reference);
    }

    private static void run(WorkflowClient client, MeasureTask.Effort effort, List<String> networks) {
        long start = System.nanoTime();
        MeasureOutcome outcome = client.newWorkflowStub(
                        MeasureWorkflow.class,
                        WorkflowOptions.newBuilder().setTaskQueue(QUEUE).build())
                .measure(new MeasureTask(
                        "bench", "bench", new Conditions(DEVICE_CLASS, 1, 1, null, null), effort, networks));
        System.out.printf(
                "%s: %d networks in %.1f s, the first %.3f ms%n",
                effort.name().toLowerCase(Locale.ROOT),
                networks.size(),
                (System.nanoTime() - start) / 1e9,
                outcome.measured().getFirst().p50Millis());
    }

    private static void report(long process) throws IOException {
        Path proc = Path.of("/proc", Long.toString(process));
        for (String line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith("VmHWM:") || line.startsWith("VmRSS:")) {
                System.out.printf(
                        "%s %.0f MB%n",
                        line.startsWith("VmHWM:") ? "largest resident memory" : "resident memory at the end",
                        Long.parseLong(line.replaceAll("\\D", "")) / 1024.0);
            }
        }
        List<String> maps = Files.readAllLines(proc.resolve("maps"));
        System.out.printf(
                "ONNX Runtime %s, libtorch %s%n", mapped(maps, "libonnxruntime.so"), mapped(maps, "libtorch"));
    }

    private static String mapped(List<String> maps, String library) {
        return maps.stream().anyMatch(line -> line.contains(library)) ? "is loaded" : "is not loaded";
    }
}
