package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.report.Report;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Results;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.workflows.RunOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The folder {@code runs/<name>} with everything that a run leaves. */
final class RunFolder {

    private final Path folder;

    RunFolder(Path folder) {
        this.folder = folder;
    }

    /** Writes networks, results and report, in this order: where there are results, all of it is there. */
    void write(ArtifactStore store, RunOutcome outcome) {
        outcome.models()
                .forEach((path, digest) -> Graph.parse(store.get(digest), path).write(folder.resolve(path)));
        byte[] results = store.get(outcome.results());
        try {
            Path aside = folder.resolve(".results.json.part");
            Files.write(aside, results);
            Files.move(
                    aside,
                    folder.resolve("results.json"),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new BadInputException(
                    folder + " cannot be written (" + e.getMessage() + "); choose another place by --runs", e);
        }
        writeReport();
    }

    /** Draws the report from the results that lie in the folder. */
    Path writeReport() {
        Path html = folder.resolve("report.html");
        try {
            Report.write(results(), html);
        } catch (IOException e) {
            throw new UncheckedIOException(html + " cannot be written", e);
        }

        return html;
    }

    Results results() {
        Path file = folder.resolve("results.json");
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(file + ": no such file; give the folder of a finished run");
        }
        try {
            return Results.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    void summarize(Console console, boolean json) {
        Results results = results();
        if (json) {
            console.printJson(results);
            return;
        }
        for (Results.Scenario scenario : results.scenarios()) {
            Results.Latency reference = scenario.reference().latency();
            console.print("");
            console.print("%s: reference %.2f %%, %.3f ms"
                    .formatted(scenario.name(), 100 * scenario.reference().accuracy(), reference.p50Millis()));
            for (Results.Network network : scenario.front()) {
                console.print("  %6.2f %%  %7.3f ms  %5.2fx faster  %s"
                        .formatted(
                                100 * network.accuracy(),
                                network.latency().p50Millis(),
                                reference.p50Millis() / network.latency().p50Millis(),
                                network.model()));
            }
        }
        console.print("");
        console.print("report: " + folder.resolve("report.html"));
    }
}
