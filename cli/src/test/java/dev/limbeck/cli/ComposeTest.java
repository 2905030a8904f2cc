package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fleet of {@code deploy/compose}, as far as it can be tried without Docker. */
class ComposeTest {

    private static final Path FOLDER = DeployFiles.DEPLOY.resolve("compose");
    private static final Map<String, Object> FILE =
            DeployFiles.yaml(FOLDER.resolve("compose.yaml")).getFirst();
    private static final Set<String> OURS = Set.of("training", "device", "trigger", "client");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):-([^}]*)}");

    @TempDir
    private Path folder;

    @Test
    void keepsToTheSpecification() throws IOException {
        ObjectMapper json = new ObjectMapper();
        JsonSchema specification = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(json.readTree(getClass().getResource("/compose/compose.schema.json")));
        // numbers that come by variables are what they are by default
        String text = substituted(DeployFiles.read(FOLDER.resolve("compose.yaml")));
        assertThat(specification.validate(
                        json.valueToTree(DeployFiles.yaml(text).getFirst())))
                .isEmpty();
        assertThat(specification.validate(
                        json.valueToTree(Map.of("services", Map.of("kafka", Map.of("imagee", "apache/kafka"))))))
                .as("a misspelt key")
                .isNotEmpty();
    }

    @Test
    void commandsAreLimbecksOwn() {
        OURS.forEach(name -> DeployFiles.parse(DeployFiles.strings(service(name).get("command")).stream()
                .map(ComposeTest::substituted)
                .filter(argument -> !argument.equals("--help"))
                .toList()));
    }

    @Test
    void variablesAreThoseThatLimbeckReads() {
        for (String name : OURS) {
            assertThat(DeployFiles.map(service(name).get("environment")).keySet())
                    .as(name)
                    .allMatch(DeployFiles::knows);
        }
    }

    @Test
    void everyServiceIsConfined() {
        services().forEach((name, service) -> {
            assertThat(service).as(name).containsEntry("read_only", true).containsEntry("cap_drop", List.of("ALL"));
            assertThat(service.get("security_opt")).as(name).isEqualTo(List.of("no-new-privileges:true"));
            assertThat(service.keySet()).as(name).doesNotContain("privileged", "network_mode", "pid");
            assertThat(String.valueOf(service.get("user"))).as(name).isNotIn("root", "0");
        });
    }

    @Test
    void nobodyElsesMachineReachesAnything() {
        services().forEach((name, service) -> {
            if (service.containsKey("ports")) {
                assertThat(DeployFiles.strings(service.get("ports")))
                        .as(name)
                        .allMatch(port -> port.startsWith("127.0.0.1:"));
            }
        });
    }

    @Test
    void noPasswordIsInTheFiles() {
        services().forEach((name, service) -> {
            if (service.containsKey("environment")) {
                DeployFiles.map(service.get("environment")).forEach((variable, value) -> {
                    if (variable.contains("PASSWORD") || variable.contains("PWD")) {
                        assertThat(String.valueOf(value)).as(variable).startsWith("/run/secrets/");
                    }
                });
            }
        });
        DeployFiles.map(FILE.get("secrets")).forEach((name, secret) -> assertThat(DeployFiles.map(secret))
                .containsEntry("file", "./secrets/" + name));
        assertThat(DeployFiles.read(FOLDER.resolve(".gitignore"))).contains("/secrets/");
    }

    @Test
    void whateverStaysSaysWhetherItIsWell() {
        services().forEach((name, service) -> {
            if ("unless-stopped".equals(service.get("restart"))) {
                assertThat(service).as(name).containsKey("healthcheck");
            }
        });
    }

    @Test
    void whatIsMountedIsThere() {
        Set<String> named = DeployFiles.map(FILE.get("volumes")).keySet();
        Set<String> used = new HashSet<>();
        services().forEach((name, service) -> {
            if (service.containsKey("volumes")) {
                for (String volume : DeployFiles.strings(service.get("volumes"))) {
                    String source = volume.substring(0, volume.indexOf(":/"));
                    if (source.startsWith(".")) {
                        assertThat(FOLDER.resolve(source)).as(name).exists();
                    } else if (!source.startsWith("$")) {
                        used.add(source);
                    }
                }
            }
        });
        assertThat(used).isEqualTo(named);
    }

    @Test
    void whoIsWaitedForIsThere() {
        services().forEach((name, service) -> {
            if (service.containsKey("depends_on")) {
                assertThat(services().keySet())
                        .as(name)
                        .containsAll(DeployFiles.map(service.get("depends_on")).keySet());
            }
        });
    }

    @Test
    void theBrokerIsOfTheClientsVersion() {
        Matcher version = Pattern.compile("<kafka.version>(.*)</kafka.version>")
                .matcher(DeployFiles.read(Path.of("..", "pom.xml")));
        assertThat(version.find()).isTrue();
        assertThat(service("kafka")).containsEntry("image", "apache/kafka:" + version.group(1));
    }

    /** What the image does when it starts: makes a configuration of its environment, and formats the folder of the log. */
    @Test
    void kafkaTakesItsSettings() throws Exception {
        Path defaults = Files.createDirectory(folder.resolve("defaults"));
        for (String file : List.of("server.properties", "log4j2.yaml", "tools-log4j2.yaml")) {
            Files.writeString(defaults.resolve(file), "#\n");
        }
        Path configuration = Files.createDirectory(folder.resolve("configuration"));
        ProcessBuilder image = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "kafka.docker.KafkaDockerWrapper",
                        "setup",
                        "--default-configs-dir=" + defaults,
                        "--mounted-configs-dir=" + Files.createDirectory(folder.resolve("mounted")),
                        "--final-configs-dir=" + configuration)
                .redirectErrorStream(true);
        DeployFiles.map(service("kafka").get("environment"))
                .forEach((name, value) -> image.environment().put(name, String.valueOf(value)));
        Path log = folder.resolve("log");
        image.environment().put("KAFKA_LOG_DIRS", log.toString());
        image.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = image.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(log.resolve("meta.properties")).content().contains("cluster.id=");
        assertThat(configuration.resolve("server.properties"))
                .content()
                .contains("process.roles=broker,controller", "advertised.listeners=INSIDE://kafka:9092");
    }

    @Test
    void grafanaFindsTheBoards() {
        Map<String, Object> provider =
                DeployFiles.map(((List<?>) DeployFiles.yaml(FOLDER.resolve("grafana/dashboards.yaml"))
                                .getFirst()
                                .get("providers"))
                        .getFirst());
        assertThat(DeployFiles.strings(service("grafana").get("volumes")))
                .contains("../../grafana/dashboards:"
                        + DeployFiles.map(provider.get("options")).get("path") + ":ro");
    }

    @Test
    void prometheusReadsEveryWorker() {
        Map<String, Object> config =
                DeployFiles.yaml(FOLDER.resolve("prometheus.yaml")).getFirst();
        Map<String, Object> limbeck = DeployFiles.map(((List<?>) config.get("scrape_configs")).getFirst());
        Map<String, Object> names = DeployFiles.map(((List<?>) limbeck.get("dns_sd_configs")).getFirst());
        Set<String> workers = new HashSet<>(OURS);
        workers.remove("client");
        assertThat(DeployFiles.strings(names.get("names"))).containsExactlyInAnyOrderElementsOf(workers);
        for (String worker : workers) {
            assertThat(DeployFiles.strings(service(worker).get("command")))
                    .as(worker)
                    .containsSubsequence("--metrics-port", String.valueOf(names.get("port")));
        }
    }

    @Test
    void promtoolAgrees() throws Exception {
        assumeThat(DeployFiles.hasProgram("promtool"))
                .as("promtool is not installed (Debian: apt install prometheus)")
                .isTrue();
        Files.copy(FOLDER.resolve("prometheus.yaml"), folder.resolve("prometheus.yaml"));
        Files.copy(FOLDER.resolve("../../grafana/rules.yaml"), folder.resolve("rules.yaml"));
        assertThat(DeployFiles.run(folder, "promtool", "check", "config", "prometheus.yaml"))
                .startsWith("0\n")
                .contains("1 rule files found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"schema.sh", "namespace.sh"})
    void scriptsAreShell(String script) throws Exception {
        assertThat(DeployFiles.run(FOLDER.resolve("temporal"), "sh", "-n", script))
                .isEqualTo("0\n");
    }

    private static Map<String, Map<String, Object>> services() {
        Map<String, Map<String, Object>> services = new TreeMap<>();
        DeployFiles.map(FILE.get("services")).forEach((name, service) -> services.put(name, DeployFiles.map(service)));
        return services;
    }

    private static Map<String, Object> service(String name) {
        return services().get(name);
    }

    /** With the defaults of all variables. */
    private static String substituted(String text) {
        return VARIABLE.matcher(text).replaceAll(variable -> Matcher.quoteReplacement(variable.group(2)));
    }
}
