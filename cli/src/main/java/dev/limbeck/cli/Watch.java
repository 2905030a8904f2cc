package dev.limbeck.cli;

import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.RunRequest;
import io.temporal.client.WorkflowFailedException;

/** Watches a run that a server has, and says how it ended: what {@code submit --wait} and {@code watch} share. */
final class Watch implements AutoCloseable {

    private final Console console;
    private final Connection connection;
    private final WatchOptions options;
    private final ProgressBar progress;
    private final RunClient client;

    Watch(Console console, Connection connection, WatchOptions options, StopSignal stop) {
        this.console = console;
        this.connection = connection;
        this.options = options;
        progress = new ProgressBar(console, System::nanoTime);
        client = new RunClient(console, connection.temporal(), progress, stop);
    }

    /** Follows it, prints the JSON and writes what else was asked for; @return the exit code */
    int follow(RunRequest request) {
        String runId = request.runId();
        Runs runs = new Runs(connection);
        try {
            RunProgress shown = new RunProgress(connection.temporal(), runId, request.spec(), progress);
            Followed followed = client.follow(runId, shown, options.timeout());
            progress.finishLine();
            return switch (followed.how()) {
                case DONE -> {
                    if (options.runs() != null) {
                        folder(request.spec()).write(connection.store(), followed.outcome());
                    }
                    int code = end(runs.done(followed.outcome()));
                    if (options.runs() == null) {
                        console.say("limbeck: 'limbeck watch " + runId + " --runs DIR' writes its networks");
                    }
                    yield code;
                }
                case STOPPED -> {
                    console.say("limbeck: nobody watches any more; the run goes on: limbeck watch " + runId);
                    yield ExitCodes.STOPPED;
                }
                case TIMED_OUT -> {
                    end(RunReport.unfinished(runId, RunState.RUNNING, null, null));
                    console.say("limbeck: the run goes on after --timeout: limbeck watch " + runId);
                    yield ExitCodes.STILL_RUNNING;
                }
                case UNREACHABLE -> {
                    console.say("limbeck: Temporal has not answered lately; the run goes on when it is back");
                    yield ExitCodes.UNREACHABLE;
                }
            };
        } catch (WorkflowFailedException e) {
            progress.finishLine();
            return end(runs.report(runId));
        }
    }

    /** @throws dev.limbeck.schemas.BadInputException if results could not be written to where they are asked for */
    void check(Spec spec) {
        if (options.runs() != null) {
            folder(spec).check();
        }
    }

    private RunFolder folder(Spec spec) {
        return new RunFolder(options.runs().resolve(spec.name()));
    }

    private int end(RunReport report) {
        console.printJson(report);
        options.write(report);
        RunReports.lines(report).forEach(console::say);
        return report.exitCode();
    }

    @Override
    public void close() {
        progress.close();
    }
}
