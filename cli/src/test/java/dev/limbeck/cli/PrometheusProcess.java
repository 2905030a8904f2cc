package dev.limbeck.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.cli.embedded.BrokerFolder;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Prometheus with our rules: that of the machine, where somebody has installed it. */
final class PrometheusProcess implements AutoCloseable {

    private static final int ATTEMPTS = 300;
    private static final int OK = 200;

    private final Process process;
    private final String address;
    private final HttpClient http = HttpClient.newHttpClient();

    private PrometheusProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /** "prometheus" on the path. */
    static Optional<Path> binary() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "prometheus"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * @param scrapeSeconds between two scrapes
     * @param rules file of alert rules
     * @param targets addresses by the name of their job
     */
    static PrometheusProcess start(
            Path binary, Path folder, int scrapeSeconds, Path rules, Map<String, List<String>> targets)
            throws IOException, InterruptedException {
        String jobs = targets.entrySet().stream()
                .map(job -> "  - job_name: %s%n    static_configs: [{targets: [%s]}]%n"
                        .formatted(
                                job.getKey(),
                                job.getValue().stream()
                                        .map(target -> '"' + target + '"')
                                        .collect(Collectors.joining(", "))))
                .collect(Collectors.joining());
        Path settings = Files.writeString(
                folder.resolve("prometheus.yaml"), """
                global: {scrape_interval: %ds, evaluation_interval: 5s}
                rule_files: ["%s"]
                scrape_configs:
                %s""".formatted(scrapeSeconds, rules.toAbsolutePath(), jobs));
        String address = "127.0.0.1:" + BrokerFolder.freePort();
        Process process = new ProcessBuilder(
                        binary.toString(),
                        "--config.file=" + settings,
                        "--storage.tsdb.path=" + folder.resolve("prometheus"),
                        "--web.listen-address=" + address)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        PrometheusProcess prometheus = new PrometheusProcess(process, address);
        for (int attempt = 0; !prometheus.ready(); attempt++) {
            if (attempt == ATTEMPTS || !process.isAlive()) {
                prometheus.close();
                throw new IOException(
                        "Prometheus does not start:\n" + Files.readString(folder.resolve("prometheus.log")));
            }
            Thread.sleep(100);
        }
        return prometheus;
    }

    /**
     * Whether a query has an answer that is a number at any time.
     *
     * @param from seconds of the epoch
     */
    boolean answers(String query, long from) throws IOException, InterruptedException {
        String form = "query=%s&start=%d&end=%d&step=1"
                .formatted(URLEncoder.encode(query, StandardCharsets.UTF_8), from, System.currentTimeMillis() / 1000);
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://" + address + "/api/v1/query_range"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != OK) {
            throw new IllegalStateException(query + ": " + answer.body());
        }
        for (JsonNode series : new ObjectMapper().readTree(answer.body()).at("/data/result")) {
            for (JsonNode sample : series.get("values")) {
                if (!sample.get(1).asText().equals("NaN")) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean ready() throws InterruptedException {
        try {
            return get("/-/ready").statusCode() == OK;
        } catch (IOException e) {
            return false;
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://" + address + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
