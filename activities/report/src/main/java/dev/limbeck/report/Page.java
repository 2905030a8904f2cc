package dev.limbeck.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One HTML file that holds its data, its charts and its style, and asks nothing of a network.
 *
 * <p>The page is a skeleton, a style and scripts (resources of this package), which draw what is in the JSON that is embedded. Its content
 * security policy forbids every request.
 */
final class Page {

    private static final String ECHARTS = "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

    private Page() {}

    /**
     * @param elsewhere a sentence that says where the data is to be had without JavaScript
     * @param scripts resources that draw the data
     */
    static String of(String title, String elsewhere, JsonNode data, String style, List<String> scripts) {
        String skeleton = resource("page.html");
        // One pass over the skeleton: what is put in is never looked at again, whatever it contains.
        return List.of(skeleton.split("(?=\\{\\{)|(?<=\\}\\})")).stream()
                .map(part -> switch (part) {
                    case "{{title}}" -> escapeHtml(title);
                    case "{{elsewhere}}" -> escapeHtml(elsewhere);
                    case "{{style}}" -> resource(style);
                    case "{{echarts}}" -> resource(ECHARTS);
                    case "{{data}}" -> escapeJson(data.toString());
                    case "{{scripts}}" -> scripts.stream().map(Page::resource).collect(Collectors.joining("\n"));
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

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the page's resource " + name + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the page's resource " + name + " cannot be read", e);
        }
    }
}
