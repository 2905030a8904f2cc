package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/operators.md is what the cases of the tests say; with -Dlimbeck.write=true this test writes it. */
class OperatorsPageTest {

    private static final String HEAD = """
        # Operators that are trained

        Written from the tests' own cases by `mvn test -pl activities/tensor -am -Dtest=OperatorsPageTest
        -Dsurefire.failIfNoSpecifiedTests=false -Dlimbeck.write=true`; the build fails where this page says something else.

        Every line is tested: in the oldest and in the newest operator set named, the output is compared with ONNX Runtime's, and
        its shape with the one that is inferred. "Difference" is the largest that the test allows, as a part of the largest
        output. "Gradient" says whether gradients of the input and of every weight are compared with finite differences; operators
        that compare, count, choose or round have none. Operators that are not listed are refused before any work, with the name
        of the node, and so are modes in which parity is not reached.

        | operator | operator sets | modes | difference | gradient |
        | --- | --- | --- | --- | --- |
        """;

    private static final String REFUSED = """

        ## Modes that are refused by name

        | operator | what the message says |
        | --- | --- |
        """;

    @Test
    void thePageSaysWhatTheTestsCover() throws IOException {
        Path page = root().resolve("docs/operators.md");
        String text = HEAD + operators() + REFUSED + refused();
        if (Boolean.getBoolean("limbeck.write")) {
            Files.writeString(page, text);
        }
        assertThat(page).as("write it anew, as its first lines say").hasContent(text);
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/spec.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    private static String operators() {
        Map<String, List<Case>> byOperator = OperatorCases.all().stream()
                .collect(Collectors.groupingBy(Case::operator, TreeMap::new, Collectors.toList()));
        StringBuilder lines = new StringBuilder();
        byOperator.forEach((operator, cases) -> lines.append(line(operator, cases)));
        return lines.toString();
    }

    private static String line(String operator, List<Case> cases) {
        String sets = sets(cases);
        Map<String, List<Case>> modes =
                cases.stream().collect(Collectors.groupingBy(Case::mode, LinkedHashMap::new, Collectors.toList()));
        Set<String> described = new LinkedHashSet<>();
        modes.forEach((mode, of) -> {
            String range = sets(of);
            String name = mode.isEmpty() ? "defaults" : mode;
            described.add(range.equals(sets) ? name : name + " (" + range + ")");
        });
        Case.Difference largest = cases.stream()
                .map(Case::difference)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        String gradient = cases.stream().anyMatch(Case::smooth) ? "checked" : "–";
        return "| " + operator + " | " + sets + " | " + String.join("; ", described) + " | " + largest.text() + " | "
                + gradient + " |\n";
    }

    private static String sets(List<Case> cases) {
        int first = cases.stream().mapToInt(Case::first).min().orElseThrow();
        int last = cases.stream().mapToInt(Case::last).max().orElseThrow();
        return first == last ? "" + first : first + "–" + last;
    }

    private static String refused() {
        Map<String, Set<String>> reasons = new TreeMap<>();
        RefusedModesTest.refused()
                .forEach(a -> reasons.computeIfAbsent(((Node) a.get()[0]).op(), op -> new LinkedHashSet<>())
                        .add((String) a.get()[1]));
        StringBuilder lines = new StringBuilder();
        reasons.forEach((operator, of) -> lines.append("| " + operator + " | " + String.join("; ", of) + " |\n"));
        return lines.toString();
    }
}
