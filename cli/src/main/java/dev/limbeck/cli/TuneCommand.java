package dev.limbeck.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.limbeck.graph.Graph;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.Tuner;
import dev.limbeck.measure.Tuning;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.WholeFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Finds the settings of ONNX Runtime that a network runs fastest with on this machine. */
@Command(
        name = "tune",
        mixinStandardHelpOptions = true,
        description = {
            "Finds the settings of ONNX Runtime that a network runs fastest with on this machine: threads, provider, optimization, "
                    + "layout of tensors, execution of branches, how threads wait and share work, denormals, memory.",
            "",
            "What looks fastest is measured once more beside the defaults. Only where that confirms a gain, other settings than the "
                    + "defaults are given. None changes what the network computes by more than rounding."
        },
        footer = {
            "",
            "Example:",
            "  limbeck tune model.onnx -o tuned.json",
            "  limbeck measure model.onnx --settings tuned.json"
        })
final class TuneCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "A float or quantized network.")
    private Path model;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "That may be used; the defaults use all of them, as ONNX Runtime does. Default: one for each core.")
    private Integer threads;

    @Mixin
    private QueryOptions query;

    @Option(names = "--quick", description = "Confirm in a second instead of some.")
    private boolean quick;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "A JSON file to write: the settings, what they gain, and all that was tried.")
    private Path output;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() throws JsonProcessingException {
        int most = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        if (most < 1) {
            throw new BadInputException("--threads is " + most + "; give 1 or more");
        }
        if (output != null) {
            OutputFile.checkFile(output, "--output");
        }
        Graph graph = query.read(model);
        Tuning tuning;
        try (StopSignal stop = new StopSignal();
                ProgressBar progress = new ProgressBar(parent.console(), System::nanoTime)) {
            tuning = Tuner.tune(
                    graph,
                    query.batch(),
                    most,
                    LatencyProtocol.quick(),
                    quick ? LatencyProtocol.quick().withRuns(5, 9) : LatencyProtocol.standard(),
                    stop.cancelling(progress));
        } catch (CancellationException e) {
            parent.console().say("limbeck: stopped; no settings were chosen");
            return ExitCodes.STOPPED;
        }
        TunedSettings tuned = TunedSettings.of(graph.digest(), query.batch(), tuning);
        if (output != null) {
            String text =
                    parent.console().json().writerWithDefaultPrettyPrinter().writeValueAsString(tuned);
            WholeFile.write(output, (text + "\n").getBytes(StandardCharsets.UTF_8), "give another file by --output");
        }
        if (outputOptions.json()) {
            parent.console().printJson(tuned);
        } else {
            print(tuning);
        }
        return ExitCodes.DONE;
    }

    private void print(Tuning tuning) {
        Console console = parent.console();
        console.print("defaults: " + tuning.defaults().describe());
        console.print("   speed  tried, each against the best until then");
        for (Tuning.Trial trial : tuning.tried()) {
            console.print("%s  %s: %s%s"
                    .formatted(
                            trial.speedup() == null ? " refused" : "%6.2f x".formatted(trial.speedup()),
                            trial.factor(),
                            trial.settings().describe(),
                            trial.taken() ? "  <- taken" : ""));
        }
        Tuning.Confirmation confirmation = tuning.confirmation();
        if (confirmation == null) {
            console.print("nothing is faster than the defaults, which stay");
            return;
        }
        console.print("measured again: %.3f ms, the defaults %.3f ms: %.2f x, faster in %d of %d rounds"
                .formatted(
                        confirmation.tunedMillis(),
                        confirmation.defaultMillis(),
                        confirmation.speedup(),
                        confirmation.fasterRounds(),
                        confirmation.rounds()));
        console.print(
                tuning.isFaster()
                        ? "settings: " + tuning.settings().describe()
                        : "that confirms no gain: the defaults stay");
        if (output != null) {
            console.print("written to " + output);
        }
    }
}
