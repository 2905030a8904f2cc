package dev.limbeck.report;

import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes {@code report.html}: one file that holds its data, its charts and its style, and asks nothing of a network.
 *
 * <p>The page is a skeleton, a style and scripts (resources of this package), which draw the results from the JSON that is embedded.
 * Its content security policy forbids every request.
 */
public final class Report {

    private static final String ECHARTS = "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

    private static final List<String> SCRIPTS =
            List.of("format.js", "charts.js", "tables.js", "sections.js", "main.js");

    private Report() {}

    /**
     * Writes aside, then moves: there is never half a page.
     *
     * @param html in the run's folder, since the page's links to models are relative to it
     */
    public static void write(Results results, Path html) throws IOException {
        WholeFile.write(html, page(results).getBytes(StandardCharsets.UTF_8), "choose another place");
    }

    static String page(Results results) throws IOException {
        StringBuilder scripts = new StringBuilder();
        for (String script : SCRIPTS) {
            scripts.append(resource(script)).append('\n');
        }
        String skeleton = resource("report.html");
        // One pass over the skeleton: what is put in is never looked at again, whatever it contains.
        return List.of(skeleton.split("(?=\\{\\{)|(?<=\\}\\})")).stream()
                .map(part -> switch (part) {
                    case "{{title}}" -> escapeHtml(results.name());
                    case "{{style}}" -> quietly("report.css");
                    case "{{echarts}}" -> quietly(ECHARTS);
                    case "{{data}}" -> escapeJson(results.tree().toString());
                    case "{{scripts}}" -> scripts.toString();
                    default -> part;
                })
                .collect(Collectors.joining());
    }

    /** Inside a script element only "<" can end it; the line separators are no JavaScript in old browsers. */
    private static String escapeJson(String json) {
        return json.replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    private static String escapeHtml(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String quietly(String name) {
        try {
            return resource(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("the report's resource " + name + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
