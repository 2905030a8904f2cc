package dev.limbeck.cli.grafana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Boards and rules are held against what processes really export. */
class GrafanaTest {

    private static final Path OPERATIONS = Path.of("..", "docs", "operations.md");
    private static final Pattern SERIES = Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{([^}]*)})? ");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]+)=\"");
    private static final Pattern VARIABLE = Pattern.compile("\\$([a-z_]+)");
    /** A recorded series and the labels that it is summed by. */
    private static final Pattern RECORD = Pattern.compile("(?s)- record: (\\S+)\\s.*?by \\(([^)]*)\\)");

    @TempDir
    private Path folder;

    @Test
    void everyQueryAsksForWhatIsExported() throws IOException {
        Map<String, Set<String>> exported = labels(ExportedMeters.scrape(folder));
        String rules = Files.readString(Boards.GRAFANA.resolve("rules.yaml"));
        RECORD.matcher(rules)
                .results()
                .forEach(record ->
                        exported.put(record.group(1), Set.of(record.group(2).split(", "))));
        // what Prometheus makes itself
        exported.put("up", Set.of());
        exported.put("ALERTS", Set.of("alertname", "alertstate"));
        Map<String, String> expressions = new LinkedHashMap<>();
        expressions.put("rules.yaml", rules);
        expressions.putAll(Boards.queries());
        assertThat(expressions).hasSizeGreaterThan(20);
        List<String> unknown = new ArrayList<>();
        expressions.forEach((where, expression) -> {
            Set<Queries.Selector> selectors = Queries.selectors(expression);
            assertThat(selectors).as(where).isNotEmpty();
            for (Queries.Selector selector : selectors) {
                if (!exported.getOrDefault(selector.metric(), Set.of()).containsAll(selector.labels())
                        || !exported.containsKey(selector.metric())) {
                    unknown.add(where + ": " + selector);
                }
            }
        });
        assertThat(unknown).as("what nobody exports").isEmpty();
    }

    @Test
    void everyPanelSaysWhatItShows() throws IOException {
        for (JsonNode board : Boards.all()) {
            assertThat(board.get("schemaVersion").asInt())
                    .as("Grafana 10 and newer")
                    .isGreaterThanOrEqualTo(38);
            for (JsonNode panel : Boards.panels(board)) {
                String title = panel.get("title").asText();
                assertThat(panel.get("description").asText()).as(title).isNotBlank();
                assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                        .as(title)
                        .isNotBlank();
                assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
                assertThat(panel.get("targets")).as(title).isNotEmpty().allSatisfy(target -> {
                    assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
                    assertThat(target.path("legendFormat").asText().isBlank())
                            .as("only a table needs no legend")
                            .isEqualTo(panel.get("type").asText().equals("table"));
                });
            }
        }
    }

    @Test
    void everyVariableOfAQueryIsThatOfItsBoard() throws IOException {
        for (JsonNode board : Boards.all()) {
            Set<String> known = new HashSet<>();
            board.at("/templating/list")
                    .forEach(variable -> known.add(variable.get("name").asText()));
            assertThat(known).contains("datasource", "instance");
            for (JsonNode panel : Boards.panels(board)) {
                panel.get("targets")
                        .forEach(target -> VARIABLE.matcher(target.get("expr").asText())
                                .results()
                                .map(variable -> variable.group(1))
                                .filter(variable -> !variable.startsWith("__"))
                                .forEach(variable -> assertThat(known)
                                        .as(panel.get("title").asText())
                                        .contains(variable)));
            }
        }
    }

    @Test
    void panelsOfABoardAreToldApart() throws IOException {
        assertThat(Boards.all()).extracting(board -> board.get("uid").asText()).doesNotHaveDuplicates();
        for (JsonNode board : Boards.all()) {
            assertThat(board.get("panels"))
                    .as(board.get("title").asText())
                    .extracting(panel -> panel.get("id").asInt())
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void panelsDoNotOverlap() throws IOException {
        for (JsonNode board : Boards.all()) {
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
                .directory(Boards.GRAFANA.toFile())
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

    /** An alert's name is the heading that {@code runbook_url} points to. */
    @Test
    void everyAlertHasAHeadingInTheOperatorsGuide() throws IOException {
        Set<String> alerts = names("rules.yaml", Pattern.compile("- alert: (\\S+)"));
        assertThat(names("rules.yaml", Pattern.compile("runbook_url: docs/operations\\.md#(\\S+)")))
                .isEqualTo(alerts.stream()
                        .map(alert -> alert.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet()));
        assertThat(Files.readAllLines(OPERATIONS).stream()
                        .filter(line -> line.startsWith("### Limbeck"))
                        .map(line -> line.substring("### ".length())))
                .containsExactlyInAnyOrderElementsOf(alerts);
    }

    private static Set<String> names(String file, Pattern pattern) throws IOException {
        Set<String> names = new HashSet<>();
        pattern.matcher(Files.readString(Boards.GRAFANA.resolve(file)))
                .results()
                .map(match -> match.group(1))
                .forEach(names::add);
        return names;
    }

    private static boolean hasPromtool() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "promtool")));
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
