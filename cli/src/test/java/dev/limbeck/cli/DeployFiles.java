package dev.limbeck.cli;

import dev.limbeck.workers.common.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine;

/** What {@code deploy/} holds, and what the product knows of it. */
final class DeployFiles {

    static final Path DEPLOY = Path.of("..", "deploy").toAbsolutePath().normalize();

    /** Variables that Limbeck reads, or the libraries that it speaks to Temporal and S3 with; as docs/fleet.md lists them. */
    private static final List<String> VARIABLES = List.of(
            "TEMPORAL_ADDRESS",
            "TEMPORAL_NAMESPACE",
            "TEMPORAL_API_KEY",
            "LIMBECK_KAFKA",
            "LIMBECK_KAFKA_CONFIG",
            "LIMBECK_STORE",
            "LIMBECK_CACHE",
            "LIMBECK_CACHE_SIZE",
            "LIMBECK_METRICS_HOST",
            "AWS_REGION",
            "AWS_ENDPOINT_URL_S3",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "XDG_CACHE_HOME",
            "JDK_JAVA_OPTIONS");

    private DeployFiles() {}

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The documents of a YAML file, with merge keys ({@code <<}) as Compose and YAML 1.1 know them. */
    static List<Map<String, Object>> yaml(Path file) {
        return yaml(read(file));
    }

    static List<Map<String, Object>> yaml(String text) {
        List<Map<String, Object>> documents = new ArrayList<>();
        new Yaml(new SafeConstructor(new LoaderOptions()))
                .loadAll(text)
                .forEach(document -> documents.add(map(document)));
        return documents;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    static List<String> strings(Object value) {
        return ((List<?>) value).stream().map(String::valueOf).toList();
    }

    /** @throws CommandLine.ParameterException if limbeck has no such command, or the command no such option */
    static void parse(List<String> arguments) {
        PrintStream silent = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Limbeck.commandLine(new Console(silent, silent, 0, Json.mapper())).parseArgs(arguments.toArray(String[]::new));
    }

    static boolean knows(String variable) {
        return VARIABLES.contains(variable) || variable.startsWith("TEMPORAL_TLS");
    }

    static boolean hasProgram(String name) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(place -> Files.isExecutable(Path.of(place, name)));
    }

    /** Runs a program; @return what it says, its exit code in front */
    static String run(Path folder, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + "\n" + said;
    }
}
