package dev.limbeck.cli.grafana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Boards and rules are held against what processes really export. */
class GrafanaTest {

    private static final Path GRAFANA =
            Path.of("..", "grafana").toAbsolutePath().normalize();
    private static final Pattern SERIES = Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{([^}]*)})? ");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]+)=\"");
    private static final Pattern RECORD = Pattern.compile("(?m)^ *- record: (\\S+)$");

    @TempDir
    private Path folder;

    @Test
    void everyQueryAsksForWhatIsExported() throws IOException {
        Map<String, Set<String>> exported = labels(ExportedMeters.scrape(folder));
        String rules = Files.readString(GRAFANA.resolve("rules.yaml"));
        RECORD.matcher(rules).results().map(record -> record.group(1)).forEach(name -> exported.put(name, Set.of()));
        Map<String, String> expressions = new LinkedHashMap<>();
        expressions.put("rules.yaml", rules);
        for (JsonNode board : boards()) {
            for (JsonNode panel : board.get("panels")) {
                panel.path("targets")
                        .forEach(target -> expressions.put(
                                String.join(
                                        " ",
                                        board.get("uid").asText(),
                                        panel.get("title").asText(),
                                        target.get("refId").asText()),
                                target.get("expr").asText()));
            }
        }
        assertThat(expressions).hasSizeGreaterThan(20);
        expressions.forEach((where, expression) -> {
            Set<Queries.Selector> selectors = Queries.selectors(expression);
            assertThat(selectors).as(where).isNotEmpty();
            for (Queries.Selector selector : selectors) {
                assertThat(exported).as(where).containsKey(selector.metric());
                assertThat(exported.get(selector.metric()))
                        .as(where + ": " + selector.metric())
                        .containsAll(selector.labels());
            }
        });
    }

    @Test
    void everyPanelSaysWhatItShows() throws IOException {
        for (JsonNode panel : panels()) {
            if (panel.get("type").asText().equals("row")) {
                continue;
            }
            assertThat(panel.get("description").asText())
                    .as(panel.get("title").asText())
                    .isNotBlank();
            assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                    .as(panel.get("title").asText())
                    .isNotBlank();
            assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
        }
    }

    @Test
    void panelsOfABoardAreToldApart() throws IOException {
        assertThat(boards()).extracting(board -> board.get("uid").asText()).doesNotHaveDuplicates();
        for (JsonNode board : boards()) {
            assertThat(board.get("panels"))
                    .as(board.get("title").asText())
                    .extracting(panel -> panel.get("id").asInt())
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void panelsDoNotOverlap() throws IOException {
        for (JsonNode board : boards()) {
            Set<String> cells = new HashSet<>();
            for (JsonNode panel : board.get("panels")) {
                JsonNode place = panel.get("gridPos");
                for (int x = 0; x < place.get("w").asInt(); x++) {
                    for (int y = 0; y < place.get("h").asInt(); y++) {
                        int column = place.get("x").asInt() + x;
                        assertThat(column).isLessThan(24);
                        assertThat(cells.add(column + "," + (place.get("y").asInt() + y)))
                                .as(panel.get("title").asText())
                                .isTrue();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"check rules rules.yaml", "test rules rules-test.yaml", "check config prometheus.yaml"})
    void promtoolAgrees(String arguments) throws Exception {
        assumeThat(hasPromtool())
                .as("promtool is not installed (Debian: apt install prometheus)")
                .isTrue();
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments.split(" ")));
        Process promtool = new ProcessBuilder(command)
                .directory(GRAFANA.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(output).isZero();
    }

    @Test
    void everyAlertIsTested() throws IOException {
        Set<String> alerts = names("rules.yaml", Pattern.compile("- alert: (\\S+)"));
        assertThat(alerts).isNotEmpty();
        assertThat(names("rules-test.yaml", Pattern.compile("- alertname: (\\S+)")))
                .isEqualTo(alerts);
    }

    private static Set<String> names(String file, Pattern pattern) throws IOException {
        Set<String> names = new HashSet<>();
        pattern.matcher(Files.readString(GRAFANA.resolve(file)))
                .results()
                .map(match -> match.group(1))
                .forEach(names::add);
        return names;
    }

    private static boolean hasPromtool() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "promtool")));
    }

    private static List<JsonNode> boards() throws IOException {
        List<JsonNode> boards = new ArrayList<>();
        try (Stream<Path> files = Files.list(GRAFANA.resolve("dashboards"))) {
            for (Path file : files.toList()) {
                boards.add(new ObjectMapper().readTree(file.toFile()));
            }
        }
        return boards;
    }

    private static List<JsonNode> panels() throws IOException {
        List<JsonNode> panels = new ArrayList<>();
        boards().forEach(board -> board.get("panels").forEach(panels::add));
        return panels;
    }

    /** Labels of every metric of an exposition. */
    private static Map<String, Set<String>> labels(String exposition) {
        Map<String, Set<String>> labels = new LinkedHashMap<>();
        for (MatchResult series : SERIES.matcher(exposition).results().toList()) {
            Set<String> known = labels.computeIfAbsent(series.group(1), name -> new HashSet<>());
            if (series.group(2) != null) {
                LABEL.matcher(series.group(2)).results().forEach(label -> known.add(label.group(1)));
            }
        }
        return labels;
    }
}
