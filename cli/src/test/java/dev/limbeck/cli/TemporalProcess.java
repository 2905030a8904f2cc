package dev.limbeck.cli;

import dev.limbeck.cli.embedded.BrokerFolder;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A durable Temporal server: the {@code temporal} command's own, where somebody has installed it. */
final class TemporalProcess implements AutoCloseable {

    private static final int ATTEMPTS = 600;
    private static final int PORTS = 3;

    private final List<String> command;
    private final Path log;
    private final Path database;
    private final int port;
    private final int metricsPort;
    private Process process;

    private TemporalProcess(Path binary, Path folder, int port, int metricsPort) {
        log = folder.resolve("temporal.log");
        database = folder.resolve("temporal.db");
        this.port = port;
        this.metricsPort = metricsPort;
        command = List.of(
                binary.toString(),
                "server",
                "start-dev",
                "--headless",
                "--ip",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--metrics-port",
                Integer.toString(metricsPort),
                "--db-filename",
                database.toString(),
                "--log-level",
                "error");
    }

    /** The file that LIMBECK_TEMPORAL names, or "temporal" on the path. */
    static Optional<Path> binary() {
        List<String> places = new ArrayList<>();
        Optional.ofNullable(System.getenv("LIMBECK_TEMPORAL")).ifPresent(places::add);
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> folder + File.separator + "temporal")
                .forEach(places::add);
        return places.stream().map(Path::of).filter(Files::isExecutable).findFirst();
    }

    static TemporalProcess start(Path binary, Path folder) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            TemporalProcess server =
                    new TemporalProcess(binary, folder, BrokerFolder.freePort(), BrokerFolder.freePort());
            try {
                server.start();
                return server;
            } catch (IOException e) {
                // another process may have taken a port that was free a moment ago
                if (attempt == PORTS || !e.getMessage().contains("address already in use")) {
                    throw e;
                }
            }
        }
    }

    private void start() throws IOException, InterruptedException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        for (int attempt = 0; !answers(); attempt++) {
            if (attempt == ATTEMPTS || !process.isAlive()) {
                throw new IOException("Temporal's server does not start:\n" + Files.readString(log));
            }
            Thread.sleep(100);
        }
    }

    /** Its port is open before it serves anybody. */
    private boolean answers() {
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(address()).build());
        try {
            return stubs.healthCheck().getStatus() == HealthCheckResponse.ServingStatus.SERVING;
        } catch (StatusRuntimeException e) {
            return false;
        } finally {
            stubs.shutdownNow();
        }
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    String metricsAddress() {
        return "127.0.0.1:" + metricsPort;
    }

    /** How often it was asked for something since it started. @param operation of its API */
    double requests(String operation) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + metricsAddress() + "/metrics");
        try (HttpClient client = HttpClient.newHttpClient()) {
            String metrics = client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return metrics.lines()
                    .filter(line -> line.startsWith("service_requests{")
                            && line.contains("operation=\"" + operation + "\"")
                            && line.contains("service_name=\"frontend\""))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        }
    }

    /** SIGKILL, then another start on the same data. */
    void killAndRestart() throws IOException, InterruptedException {
        close();
        start();
    }

    /** Ends, and starts on an empty database. */
    void loseDatabase() throws IOException, InterruptedException {
        close();
        for (String end : List.of("", "-shm", "-wal")) {
            Files.deleteIfExists(Path.of(database + end));
        }
        start();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
