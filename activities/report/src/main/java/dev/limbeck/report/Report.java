package dev.limbeck.report;

import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.WholeFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Writes {@code report.html}, the page of a run. */
public final class Report {

    private Report() {}

    /**
     * Writes aside, then moves: there is never half a page.
     *
     * @param html in the run's folder, since the page's links to models are relative to it
     */
    public static void write(Results results, Path html) {
        WholeFile.write(html, page(results).getBytes(StandardCharsets.UTF_8), "choose another place");
    }

    static String page(Results results) {
        return Page.of(
                results.name(),
                "The same numbers are in results.json.",
                results.tree(),
                "report.css",
                List.of("format.js", "page.js", "charts.js", "tables.js", "sections.js", "main.js"));
    }
}
