package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.report.Report;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.GoalCheck;
import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.WholeFile;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.workflows.RunOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The folder {@code runs/<name>} with everything that a run leaves. */
final class RunFolder {

    private static final String RESULTS = "results.json";
    private static final String MEND = "choose another place by --runs";

    private final Path folder;

    RunFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Looks whether the folder can be written, without making it.
     *
     * @throws BadInputException if not
     */
    void check() {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            throw new BadInputException(
                    "%s cannot be made: %s is a file, not a folder; %s".formatted(folder, there, MEND));
        }
        if (!Files.isWritable(there)) {
            throw new BadInputException(
                    "%s cannot be written: permission denied for %s; %s".formatted(folder, there, MEND));
        }
    }

    /** Writes networks, results and report, in this order: where there are results, all of it is there. */
    void write(ArtifactStore store, RunOutcome outcome) {
        outcome.models().keySet().forEach(this::requireInside);
        List.of(folder, folder.resolve("models")).forEach(WholeFile::sweep);
        outcome.models()
                .forEach((path, digest) -> Graph.parse(store.get(digest), path).write(folder.resolve(path)));
        WholeFile.write(folder.resolve(RESULTS), store.get(outcome.results()), MEND);
        if (!onlyQuantizes()) {
            writeReport();
        }
    }

    /** Paths come from workers on other machines. */
    private void requireInside(String path) {
        if (!folder.resolve(path).normalize().startsWith(folder.normalize())) {
            throw new IllegalStateException("the run's result names '" + path + "', which is outside " + folder);
        }
    }

    /** Whether the run had no other job. */
    boolean onlyQuantizes() {
        return QuantizationResults.isIn(folder.resolve(RESULTS));
    }

    /** Draws the report from the results that lie in the folder. */
    Path writeReport() {
        Path html = folder.resolve("report.html");
        Report.write(results(), html);
        return html;
    }

    Results results() {
        Path file = folder.resolve(RESULTS);
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(file + ": no such file; give the folder of a finished run");
        }
        try {
            return Results.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private static void row(
            Console console, double accuracy, Results.Latency latency, Results.Latency reference, String network) {
        console.print("  %6.2f %%  %6.3f ms  %6.2f x  %s"
                .formatted(100 * accuracy, latency.p50Millis(), reference.p50Millis() / latency.p50Millis(), network));
    }

    /** Prints what the run reached. */
    void summarize(Console console, boolean json) {
        if (onlyQuantizes()) {
            summarizeQuantization(console, json);
            return;
        }
        Results results = results();
        if (json) {
            console.printJson(results);
            return;
        }
        for (Results.Scenario scenario : results.scenarios()) {
            Results.Latency reference = scenario.reference().latency();
            console.print("");
            console.print(scenario.name() + ": "
                    + (scenario.goals() == null ? "" : scenario.goals().text()));
            console.print("  accuracy       p50  speed-up  network");
            row(console, scenario.reference().accuracy(), reference, reference, "the reference");
            sayMissed(console, scenario.reference().missed());
            for (Results.Network network : scenario.front()) {
                row(console, network.accuracy(), network.latency(), reference, network.model());
                sayMissed(console, network.missed());
            }
            for (Results.Network network : scenario.networks()) {
                if (!scenario.front().contains(network)) {
                    network.missed().forEach(what -> console.print("  " + network.model() + ": " + what));
                }
            }
            if (scenario.goals() != null) {
                sayGoals(console, scenario.goals().model(), scenario.goals().goals());
            }
        }
        console.print("");
        console.print("report: " + folder.resolve("report.html"));
    }

    private void summarizeQuantization(Console console, boolean json) {
        QuantizationResults results = quantizationResults();
        if (json) {
            console.printJson(results);
            return;
        }
        QuantizationResults.Reference reference = results.reference();
        console.print("  accuracy       size  seconds  network");
        console.print("  %6.2f %%  %6d KiB           the reference%s"
                .formatted(100 * reference.accuracy(), reference.bytes() / 1024, latencies(reference.latencies())));
        for (QuantizationResults.Network network : results.networks()) {
            console.print("  %6.2f %%  %6d KiB  %7.1f  %s%s"
                    .formatted(
                            100 * network.accuracy(),
                            network.bytes() / 1024,
                            network.seconds(),
                            network.model(),
                            latencies(network.latencies())));
            sayMissed(console, network.missed());
            for (QuantizationResults.Method method : network.methods()) {
                console.print("      %s: validation accuracy %.2f %%, %.1f s"
                        .formatted(method.name(), 100 * method.validationAccuracy(), method.seconds()));
            }
            if (network.remembered() > 0) {
                console.print(
                        "      went on after %d layers or tries that were done before".formatted(network.remembered()));
            }
        }
        for (QuantizationResults.Goals goals : results.goals()) {
            if (goals.scenario() != null) {
                console.print(goals.scenario() + ":");
            }
            sayGoals(console, goals.model(), goals.goals());
        }
        console.print("");
        console.print("results: " + folder.resolve(RESULTS));
    }

    private static void sayMissed(Console console, List<String> missed) {
        missed.forEach(what -> console.print("      " + what));
    }

    private static void sayGoals(Console console, String model, List<Results.Goal> goals) {
        if (!goals.isEmpty()) {
            console.print("  goals, " + (model == null ? "no network" : model) + ":");
        }
        goals.forEach(goal -> console.print("    " + GoalCheck.describe(goal)));
    }

    /** Whether every goal of the spec is met in every scenario. */
    boolean goalsMet() {
        return onlyQuantizes()
                ? quantizationResults().goals().stream().allMatch(QuantizationResults.Goals::met)
                : results().scenarios().stream()
                        .filter(scenario -> scenario.goals() != null)
                        .allMatch(scenario -> scenario.goals().met());
    }

    private QuantizationResults quantizationResults() {
        Path file = folder.resolve(RESULTS);
        try {
            return QuantizationResults.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private static String latencies(List<QuantizationResults.Latency> latencies) {
        return latencies.stream()
                .map(latency -> "  %s %.3f ms".formatted(latency.scenario(), latency.p50Millis()))
                .collect(Collectors.joining());
    }
}
