package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.workflows.RunRequest;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Gives a run to a fleet. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        description = {
            "Gives the job that a spec describes to the workers of a Temporal server, and prints the run as JSON.",
            "",
            "The same spec and reference are the same run: given again, a run that is under way is joined, and one that is done is "
                    + "answered with its results. One that has failed is begun again where it was. The run goes on whatever becomes "
                    + "of this command."
        },
        footer = {
            "",
            "Exit codes: 0 done and goals met (without --wait: submitted), 1 failed or a goal missed, 2 wrong usage or bad input, "
                    + "3 still running after --timeout, 4 no server answers, 130 stopped watching by Ctrl-C.",
            "",
            "Example:",
            "  limbeck submit spec.yaml --wait --timeout 2h --junit limbeck.xml --temporal temporal:7233 --store /shared/limbeck"
        })
final class SubmitCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Mixin
    private SpecOptions specOptions;

    @Mixin
    private TrainingClassOption trainingClass;

    @Option(names = "--wait", description = "Watch the run to its end.")
    private boolean wait;

    @Mixin
    private WatchOptions watchOptions;

    @Mixin
    private ServerOptions serverOptions;

    @Override
    public Integer call() {
        Console console = parent.console();
        if (!wait && watchOptions.areGiven()) {
            throw new BadInputException("--timeout, --runs and --junit are for the end of the run; give --wait too");
        }
        Job job = specOptions.read();
        try (StopSignal stop = new StopSignal();
                Connection connection = new Connection(serverOptions, console.json());
                Watch watch = new Watch(console, connection, watchOptions, stop)) {
            watch.check(job.spec());
            RunRequest request = job.request(connection.store()).withTrainingClass(trainingClass.name());
            boolean started = RunClient.start(
                    connection.temporal(),
                    request,
                    WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY);
            console.say("run " + request.runId() + (started ? " is submitted" : " was submitted before and is joined"));
            Fleet.missing(connection.temporal(), request, false).forEach(console::say);
            if (wait) {
                return watch.follow(request);
            }
            RunReport report = new Runs(connection).report(request.runId());
            console.printJson(report);
            return report.exitCode();
        }
    }
}
