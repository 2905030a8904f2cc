package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Spec;
import dev.limbeck.schemas.Specs;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Digests;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.workers.device.DeviceWorker;
import dev.limbeck.workflows.OptimizeWorkflow;
import dev.limbeck.workflows.RunOutcome;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.RunStatus;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Runs the whole job on this machine. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the whole job that a spec describes and writes runs/<name>/ with results.json, report.html and models/.",
            "",
            "Temporal, Kafka, a training worker and a device worker for this machine run inside this process, unless real servers "
                    + "are named. What is done is remembered: after an interruption, the same command goes on where it was."
        },
        footer = {
            "",
            "A spec, with every key that has no default:",
            "  limbeck: v1",
            "  name: quick",
            "  reference: reference.onnx          # relative to the spec",
            "  task: {type: classification, data: fashion-mnist}",
            "  scenarios:",
            "    - {name: laptop-float, precision: fp32}",
            "    - {name: laptop-int8, precision: int8, limits: {latency: 0.5 ms}}",
            "",
            "Example:",
            "  limbeck run examples/fashion-mnist/quick.yaml"
        })
final class RunCommand implements Callable<Integer> {

    private static final long STATUS_SECONDS = 1;

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "SPEC.yaml", description = "What to do.")
    private Path spec;

    @Option(
            names = "--runs",
            defaultValue = "runs",
            paramLabel = "DIR",
            description = "Where results go; default: ${DEFAULT-VALUE}.")
    private Path runs;

    @Mixin
    private ServerOptions serverOptions;

    @Mixin
    private TrainingWorkerOptions training;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        training.check();
        Console console = parent.console();
        Spec read = Specs.read(spec);
        Graph reference = Graph.read(Path.of(read.reference()));
        List<String> unsupported = GraphExecutor.unsupported(reference);
        if (!unsupported.isEmpty()) {
            throw new BadInputException(read.reference() + ":\n" + String.join("\n", unsupported));
        }
        RunFolder folder = new RunFolder(runs.resolve(read.name()));
        folder.check();
        try (ProgressBar progress = new ProgressBar(console, System::nanoTime)) {
            progress.report("start Temporal, Kafka and workers", 0, 0, "");
            // data is looked for before any work, so that a missing dataset is a message and not a failed run
            training.data().load(read.task().data(), progress);
            try (StopSignal stop = new StopSignal();
                    Servers servers = new Servers(serverOptions, console.json())) {
                training.start(servers);
                read.scenarios().stream()
                        .map(Spec.Scenario::device)
                        .distinct()
                        .forEach(device -> servers.open(DeviceWorker.start(
                                servers.temporal(), servers.context(), servers.measurements(), device)));
                progress.finishLine();
                console.say("Temporal %s   Kafka %s   metrics %s"
                        .formatted(
                                servers.temporalAddress(),
                                servers.kafkaAddress(),
                                servers.metrics().address()));
                String digest = servers.context().store().put(reference.toBytes());
                RunRequest request = new RunRequest(runId(read, digest), read, digest);
                sayWhetherItGoesOn(servers.context().store(), request.runId());
                Optional<RunOutcome> outcome = optimize(servers, request, progress, stop);
                progress.finishLine();
                if (outcome.isEmpty()) {
                    console.say("limbeck: stopped; the same command goes on where it was");
                    return ExitCodes.STOPPED;
                }
                folder.write(servers.context().store(), outcome.get());
            }
        }
        folder.summarize(console, outputOptions.json());
        return ExitCodes.DONE;
    }

    private void sayWhetherItGoesOn(ArtifactStore store, String runId) {
        String key = "begun " + runId;
        if (store.recall(key).isPresent()) {
            parent.console().say("this run was begun before: it goes on where it was, what was done is not done again");
        }
        store.remember(key, new byte[0]);
    }

    /** @return empty if stopped before the end */
    private Optional<RunOutcome> optimize(Servers servers, RunRequest request, ProgressBar progress, StopSignal stop) {
        Console console = parent.console();
        OptimizeWorkflow workflow = servers.temporal()
                .newWorkflowStub(
                        OptimizeWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(request.runId())
                                .setTaskQueue(TaskQueues.CONTROL)
                                .build());
        RunProgress shown = new RunProgress(servers.temporal(), request.runId(), request.spec(), progress);
        try (ProgressFeed feed = new ProgressFeed(servers.kafkaProperties(), console.json(), request.runId(), shown)) {
            try {
                WorkflowClient.start(workflow::optimize, request);
            } catch (WorkflowExecutionAlreadyStarted e) {
                console.say("run " + request.runId() + " is already under way; following it");
            }
            return follow(WorkflowStub.fromTyped(workflow), shown, progress, stop);
        }
    }

    /** Waits for the result, shows the stages, and says what the space holds as soon as it is known. */
    private Optional<RunOutcome> follow(
            WorkflowStub workflow, RunProgress shown, ProgressBar progress, StopSignal stop) {
        boolean profileShown = false;
        while (!stop.requested()) {
            try {
                return Optional.of(workflow.getResult(STATUS_SECONDS, TimeUnit.SECONDS, RunOutcome.class));
            } catch (TimeoutException e) {
                RunStatus status = workflow.query("status", RunStatus.class);
                if (!profileShown && !status.profile().isEmpty()) {
                    profileShown = true;
                    progress.finishLine();
                    parent.console().say(status.profile());
                }
                shown.show(status.stage());
            }
        }
        return Optional.empty();
    }

    /** The same spec and reference are the same run, so that a fleet never does it twice at once. */
    private static String runId(Spec spec, String reference) {
        return spec.name() + "-" + Digests.ofParts(spec.digest(), reference).substring(0, 12);
    }
}
