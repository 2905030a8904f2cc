package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the operator's guide tells one to type exists, with the options that it gives. */
class OperationsGuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "operations.md");
    private static final Pattern COMMAND =
            Pattern.compile("(?m)(?:`|^)limbeck ([a-z]+(?: gpu| device)?)((?:(?! #)[^`\\n])*)");
    private static final Pattern OPTION = Pattern.compile("--[a-z-]+");
    private static final Pattern LINK = Pattern.compile("]\\(([a-z-]*\\.md)?(?:#([a-z-]+))?\\)");

    @Test
    void everyCommandExists() throws IOException {
        Set<String> commands = new TreeSet<>();
        COMMAND.matcher(Files.readString(GUIDE)).results().forEach(found -> {
            String command = found.group(1);
            commands.add(command);
            assertThat(OPTION.matcher(found.group(2)).results().map(option -> option.group()))
                    .as(found.group())
                    .allSatisfy(option -> assertThat(help(command)).contains(option));
        });
        assertThat(commands).contains("cancel", "devices", "list", "status", "submit", "worker device", "worker gpu");
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        Set<String> headings = new TreeSet<>();
        Files.readAllLines(GUIDE).stream()
                .filter(line -> line.startsWith("#"))
                .forEach(line -> headings.add(
                        line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replace(' ', '-')));
        LINK.matcher(Files.readString(GUIDE)).results().forEach(link -> {
            if (link.group(1) == null) {
                assertThat(headings).contains(link.group(2));
            } else {
                assertThat(GUIDE.resolveSibling(link.group(1))).exists();
            }
        });
    }

    private static String help(String command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(out, true, StandardCharsets.UTF_8);
        String[] arguments = Arrays.copyOf(command.split(" "), command.split(" ").length + 1);
        arguments[arguments.length - 1] = "--help";
        assertThat(Limbeck.execute(new Console(both, both, 0, Json.mapper()), arguments))
                .as("limbeck " + command)
                .isZero();
        return out.toString(StandardCharsets.UTF_8);
    }
}
