package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** The fleet of {@code deploy/compose}, where there are Docker and the images of Limbeck ({@code jib:dockerBuild}, deploy/README.md). */
@Timeout(1200)
class ComposeContainersTest {

    private static final Path COMPOSE = DeployFiles.DEPLOY.resolve("compose");
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    @Test
    void everyServiceBecomesHealthyAndPrometheusSeesTheWorkers() throws Exception {
        assumeTrue(ContainersTest.dockerAnswers(), "no Docker here: deploy/compose is not started");
        for (String image : new String[] {"limbeck:latest", "limbeck-device:latest"}) {
            assumeTrue(
                    DeployFiles.run(folder, "docker", "image", "inspect", image).startsWith("0\n"),
                    "no image " + image
                            + " here: deploy/compose is not started; deploy/README.md says how it is built");
        }
        Path secrets = Files.createDirectories(COMPOSE.resolve("secrets"));
        for (String secret : new String[] {"postgres-password", "grafana-password"}) {
            if (!Files.exists(secrets.resolve(secret))) {
                Files.writeString(secrets.resolve(secret), "only-for-this-test");
            }
        }
        try (ComposeContainer fleet = new ComposeContainer(new File(COMPOSE.toFile(), "compose.yaml"))
                .withExposedService("prometheus", 9090)
                .withEnv("LIMBECK_TRAINING_WORKERS", "1")
                .waitingFor("training", Wait.forHealthcheck().withStartupTimeout(PATIENCE))
                .waitingFor("device", Wait.forHealthcheck().withStartupTimeout(PATIENCE))
                .waitingFor("trigger", Wait.forHealthcheck().withStartupTimeout(PATIENCE))
                .waitingFor("grafana", Wait.forHealthcheck().withStartupTimeout(PATIENCE))) {
            fleet.start();
            URI query = URI.create(
                    "http://%s:%d/api/v1/query?query=count(up%%7Bjob%%3D%%22limbeck%%22%%7D%%20%%3D%%3D%%201)"
                            .formatted(
                                    fleet.getServiceHost("prometheus", 9090),
                                    fleet.getServicePort("prometheus", 9090)));
            try (HttpClient client = HttpClient.newHttpClient()) {
                long end = System.nanoTime() + PATIENCE.toNanos();
                String answer = "";
                while (!answer.contains("\"3\"") && System.nanoTime() < end) {
                    answer = client.send(HttpRequest.newBuilder(query).build(), BodyHandlers.ofString())
                            .body();
                    Thread.sleep(1000);
                }
                assertThat(answer)
                        .as("a training worker, a device worker and a trigger")
                        .contains("\"3\"");
            }
        }
    }
}
