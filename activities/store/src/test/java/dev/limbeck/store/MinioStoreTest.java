package dev.limbeck.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.utility.DockerImageName;

/** On MinIO, where there is Docker. */
class MinioStoreTest extends S3StoreContract {

    private static MinIOContainer server;

    @BeforeAll
    static void startServer() {
        assumeTrue(dockerAnswers(), "no Docker here: the store is not tried on MinIO");
        server = new MinIOContainer(DockerImageName.parse("minio/minio:RELEASE.2025-09-07T16-13-09Z"));
        server.start();
    }

    /** Testcontainers looks for Docker at length and says at length that there is none; so it is asked only where there may be one. */
    private static boolean dockerAnswers() {
        boolean likely = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
        return likely && DockerClientFactory.instance().isDockerAvailable();
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.stop();
        }
    }

    @Override
    URI endpoint() {
        return URI.create(server.getS3URL());
    }

    @Override
    String user() {
        return server.getUserName();
    }

    @Override
    String secret() {
        return server.getPassword();
    }
}
