package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** The servers are the images that their makers publish. */
@Timeout(900)
class ContainersTest {

    private static final DockerImageName TEMPORAL = DockerImageName.parse("temporalio/temporal:1.5.1");
    private static final DockerImageName KAFKA = DockerImageName.parse("apache/kafka:4.1.0");
    private static final int TEMPORAL_PORT = 7233;

    @TempDir
    private Path folder;

    @Test
    void runsOnPublishedImages() throws Exception {
        assumeTrue(dockerAnswers(), "no Docker here: runs on Temporal's and Kafka's images are not tried");
        TinyRun.folder(folder);
        try (GenericContainer<?> temporal = new GenericContainer<>(TEMPORAL)
                        .withCommand("server", "start-dev", "--headless", "--ip", "0.0.0.0")
                        .withExposedPorts(TEMPORAL_PORT)
                        .waitingFor(Wait.forListeningPort());
                KafkaContainer kafka = new KafkaContainer(KAFKA)) {
            temporal.start();
            kafka.start();
            List<String> command = List.of(
                    "run",
                    TinyRun.SPEC,
                    "--temporal",
                    temporal.getHost() + ":" + temporal.getMappedPort(TEMPORAL_PORT),
                    "--kafka",
                    kafka.getBootstrapServers());
            try (LimbeckProcess run = LimbeckProcess.start(folder, command)) {
                assertThat(TinyRun.results(run, folder).scenarios()).isNotEmpty();
            }
        }
    }

    /** Testcontainers looks for Docker at length and says at length that there is none; so it is asked only where there may be one. */
    static boolean dockerAnswers() {
        boolean likely = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
        return likely && DockerClientFactory.instance().isDockerAvailable();
    }
}
