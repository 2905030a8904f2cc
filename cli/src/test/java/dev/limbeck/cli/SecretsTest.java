package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.workers.common.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Secrets come from files and the environment; nobody reads them on a command line or in a log. */
@Timeout(60)
class SecretsTest {

    private static final Pattern SECRET = Pattern.compile("passw|secret|token|credential|api-?key|-key$");
    private static final String PASSWORD = "swordfish-1234";

    @TempDir
    private Path folder;

    @Test
    void noOptionTakesASecret() {
        List<String> names = commands(Limbeck.commandLine(new Console(System.out, System.err, 0, Json.mapper())))
                .flatMap(command -> command.getCommandSpec().options().stream())
                .map(OptionSpec::names)
                .flatMap(Stream::of)
                .distinct()
                .toList();
        assertThat(names).contains("--kafka-config", "--store").noneMatch(name -> SECRET.matcher(name)
                .find());
    }

    private static Stream<CommandLine> commands(CommandLine command) {
        return Stream.concat(
                Stream.of(command), command.getSubcommands().values().stream().flatMap(SecretsTest::commands));
    }

    /** With the most talkative log, and servers that do not answer: nothing says more than a failure. */
    @Test
    void noLogHoldsASecret() throws Exception {
        Path config = Files.writeString(folder.resolve("kafka.properties"), """
                bootstrap.servers=127.0.0.1:1
                security.protocol=SASL_PLAINTEXT
                sasl.mechanism=PLAIN
                sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="%s";
                ssl.keystore.password=%s
                default.api.timeout.ms=1000
                request.timeout.ms=500
                """.formatted(PASSWORD, PASSWORD));
        try (LimbeckProcess devices = LimbeckProcess.start(
                folder,
                List.of("devices", "--kafka-config", config.toString()),
                Map.of(
                        "TEMPORAL_ADDRESS",
                        "127.0.0.1:1",
                        "TEMPORAL_API_KEY",
                        PASSWORD,
                        "AWS_SECRET_ACCESS_KEY",
                        PASSWORD,
                        "JAVA_TOOL_OPTIONS",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=debug"))) {
            assertThat(devices.join()).isNotZero();
            assertThat(devices.said()).contains("sasl.jaas.config = [hidden]").doesNotContain(PASSWORD);
        }
    }

    @Test
    void whatListensListensOnThisMachineAlone() {
        ServerOptions options = CommandLine.populateCommand(new ServerOptions());
        assertThat(options.metricsHost()).isEqualTo("127.0.0.1");
    }
}
