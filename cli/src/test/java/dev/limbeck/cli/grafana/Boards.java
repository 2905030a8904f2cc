package dev.limbeck.cli.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The dashboards of {@code grafana/}. */
public final class Boards {

    static final Path GRAFANA = Path.of("..", "grafana").toAbsolutePath().normalize();

    private Boards() {}

    static List<JsonNode> all() throws IOException {
        List<JsonNode> boards = new ArrayList<>();
        try (Stream<Path> files = Files.list(GRAFANA.resolve("dashboards"))) {
            for (Path file : files.sorted().toList()) {
                boards.add(new ObjectMapper().readTree(file.toFile()));
            }
        }
        return boards;
    }

    /** Rows are none. */
    static List<JsonNode> panels(JsonNode board) {
        List<JsonNode> panels = new ArrayList<>();
        board.get("panels").forEach(panel -> {
            if (!panel.get("type").asText().equals("row")) {
                panels.add(panel);
            }
        });
        return panels;
    }

    /** All of their queries, by board, panel and letter. */
    public static Map<String, String> queries() throws IOException {
        Map<String, String> queries = new LinkedHashMap<>();
        for (JsonNode board : all()) {
            for (JsonNode panel : panels(board)) {
                panel.get("targets")
                        .forEach(target -> queries.put(
                                "%s, panel %d '%s', query %s"
                                        .formatted(
                                                board.get("uid").asText(),
                                                panel.get("id").asInt(),
                                                panel.get("title").asText(),
                                                target.get("refId").asText()),
                                target.get("expr").asText()));
            }
        }
        return queries;
    }

    /** As Grafana sends a query: every variable stands for everything. @param rateInterval such as {@code 20s} */
    public static String withoutVariables(String query, String rateInterval) {
        return query.replace("$__rate_interval", rateInterval).replaceAll("\"\\$[a-z]+\"", "\".*\"");
    }
}
