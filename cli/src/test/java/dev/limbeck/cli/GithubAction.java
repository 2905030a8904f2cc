package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The step that {@code deploy/github-action} adds to a CI's job. */
final class GithubAction {

    private static final Path FILE = Path.of("deploy", "github-action", "action.yml");

    private GithubAction() {}

    /** Its script for bash, which reads the action's inputs from variables of their names. @param home the project's folder */
    static String shell(Path home) throws IOException {
        Map<?, ?> action = (Map<?, ?>)
                new Load(LoadSettings.builder().build()).loadFromString(Files.readString(home.resolve(FILE)));
        Map<?, ?> step = (Map<?, ?>) ((List<?>) ((Map<?, ?>) action.get("runs")).get("steps")).getFirst();
        Matcher inputs =
                Pattern.compile("inputs\\.(\\w+)").matcher(step.get("env").toString());
        assertThat(inputs.results().map(input -> input.group(1)).toList())
                .as("inputs that the step reads")
                .containsExactlyInAnyOrderElementsOf(((Map<?, ?>) action.get("inputs"))
                        .keySet().stream().map(String::valueOf).toList());
        return step.get("run").toString();
    }
}
