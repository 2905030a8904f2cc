package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.workers.device.DeviceWorker;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Runs the whole job on this machine. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the whole job that a spec describes and writes runs/<name>/ with results.json, report.html and models/.",
            "With 'job: quantize' the reference is quantized in the ways that the spec gives, and nothing else is done.",
            "",
            "Temporal and Kafka run inside this process, unless real servers are named; so do a training worker and a device worker "
                    + "for this machine, unless --no-workers leaves the work to others. What is done is remembered: after an "
                    + "interruption, the same command goes on where it was."
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
            "  limbeck run examples/fashion-mnist/quick.yaml",
            "  limbeck run examples/fashion-mnist/quantize.yaml"
        })
final class RunCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Mixin
    private SpecOptions specOptions;

    @Mixin
    private TrainingClassOption trainingClass;

    @Option(
            names = "--runs",
            defaultValue = "runs",
            paramLabel = "DIR",
            description = "Where results go; default: ${DEFAULT-VALUE}.")
    private Path runs;

    @Option(
            names = "--no-workers",
            description = "Start no workers here: those that 'limbeck worker' has started elsewhere do the work.")
    private boolean noWorkers;

    @Mixin
    private ServerOptions serverOptions;

    @Mixin
    private TrainingWorkerOptions training;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        training.check();
        if (noWorkers && serverOptions.temporal().isEmpty()) {
            throw new BadInputException(
                    "--no-workers needs --temporal HOST:PORT or TEMPORAL_ADDRESS, a server that other workers are connected to");
        }
        Console console = parent.console();
        Job job = specOptions.read();
        Spec read = job.spec();
        RunFolder folder = new RunFolder(runs.resolve(read.name()));
        folder.check();
        try (ProgressBar progress = new ProgressBar(console, System::nanoTime)) {
            progress.report("start Temporal, Kafka and workers", 0, 0, "");
            if (!noWorkers) {
                // data is looked for before any work, so that a missing dataset is a message and not a failed run
                training.data().load(read.task().data(), progress);
            }
            try (StopSignal stop = new StopSignal();
                    Servers servers = new Servers(serverOptions, console.json())) {
                if (!noWorkers) {
                    startWorkers(servers, read);
                }
                progress.finishLine();
                console.say("Temporal %s   Kafka %s   metrics %s"
                        .formatted(
                                servers.temporalAddress(),
                                servers.kafkaAddress(),
                                servers.metrics().address()));
                RunRequest request = job.request(servers.context().store()).withTrainingClass(trainingClass.name());
                sayWhetherItGoesOn(servers.context().store(), request.runId());
                if (serverOptions.temporal().isPresent()) {
                    Fleet.missing(servers.temporal(), request, !noWorkers).forEach(console::say);
                }
                Followed followed = follow(servers, request, progress, stop);
                progress.finishLine();
                if (followed.how() == Followed.How.STOPPED) {
                    console.say("limbeck: stopped; the same command goes on where it was");
                    return ExitCodes.STOPPED;
                }
                folder.write(servers.context().store(), followed.outcome());
            }
        }
        folder.summarize(console, outputOptions.json());
        if (!folder.goalsMet()) {
            console.say("limbeck: a goal of the spec is missed");
            return ExitCodes.FAILED;
        }
        return ExitCodes.DONE;
    }

    /** An embedded Temporal has no other workers; a real one may have devices of any class, of which this machine is the local one. */
    private void startWorkers(Servers servers, Spec read) {
        training.start(servers, servers.context(), trainingClass.name());
        read.scenarios().stream()
                .map(Spec.Scenario::device)
                .filter(device -> serverOptions.temporal().isEmpty() || device.equals(TaskQueues.LOCAL))
                .distinct()
                .forEach(device -> servers.open(
                        DeviceWorker.start(servers.temporal(), servers.context(), servers.measurements(), device)));
    }

    private Followed follow(Servers servers, RunRequest request, ProgressBar progress, StopSignal stop) {
        Console console = parent.console();
        RunClient client = new RunClient(console, servers.temporal(), progress, stop);
        RunProgress shown = new RunProgress(servers.temporal(), request.runId(), request.spec(), progress);
        DeviceNews devices = new DeviceNews(request.spec(), line -> {
            progress.finishLine();
            console.say(line);
        });
        try (ProgressFeed feed =
                new ProgressFeed(servers.kafkaProperties(), console.json(), request.runId(), shown, devices)) {
            if (!RunClient.start(
                    servers.temporal(), request, WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)) {
                console.say("run " + request.runId() + " is already under way; following it");
            }
            return client.follow(request.runId(), shown, null);
        }
    }

    private void sayWhetherItGoesOn(ArtifactStore store, String runId) {
        String key = "begun " + runId;
        if (store.recall(key).isPresent()) {
            parent.console().say("this run was begun before: it goes on where it was, what was done is not done again");
        }
        store.remember(key, new byte[0]);
    }
}
