package dev.limbeck.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.schemas.WholeFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Writes the page of an analysis. */
public final class AnalysisPage {

    private AnalysisPage() {}

    /**
     * Writes aside, then moves: there is never half a page.
     *
     * @param title what was analyzed
     * @param analysis in JSON, as {@code limbeck analyze --json} prints it
     */
    public static void write(String title, JsonNode analysis, Path html) {
        WholeFile.write(html, page(title, analysis).getBytes(StandardCharsets.UTF_8), "choose another place");
    }

    static String page(String title, JsonNode analysis) {
        return Page.of(
                title,
                "'limbeck analyze --json' prints the same numbers.",
                analysis,
                "report.css",
                List.of("format.js", "page.js", "analysis-charts.js", "analysis-sections.js", "analysis.js"));
    }
}
