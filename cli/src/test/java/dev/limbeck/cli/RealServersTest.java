package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.limbeck.cli.embedded.BrokerFolder;
import dev.limbeck.schemas.Results;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A fleet on one machine: Temporal, Kafka, a training worker, a device worker and the client are processes of their own. */
@Timeout(600)
class RealServersTest {

    private static final String STARTED = "Ctrl-C stops it";

    @TempDir
    private Path folder;

    private List<String> servers;

    @Test
    void workersGoOnWhileClientAndTemporalAreKilled() throws Exception {
        Optional<Path> binary = TemporalProcess.binary();
        assumeTrue(
                binary.isPresent(),
                "no 'temporal' on the path, and LIMBECK_TEMPORAL names none: runs on real servers are not tried");
        TinyRun.folder(folder);
        int kafkaPort = BrokerFolder.freePort();
        Path settings = BrokerFolder.make(Files.createDirectory(folder.resolve("kafka")), kafkaPort);
        try (TemporalProcess temporal = TemporalProcess.start(binary.get(), folder);
                LimbeckProcess kafka = LimbeckProcess.startMain(folder, "kafka.Kafka", List.of(settings.toString()))) {
            servers =
                    List.of("--temporal", temporal.address(), "--kafka", "127.0.0.1:" + kafkaPort, "--store", "store");
            try (LimbeckProcess client = limbeck("run", TinyRun.SPEC, "--no-workers")) {
                client.await("nobody trains yet: start 'limbeck worker gpu'");
                client.await("no device of class 'local' is there yet: start 'limbeck worker device --class local'");
                try (LimbeckProcess trainer = limbeck("worker", "gpu");
                        LimbeckProcess device = limbeck("worker", "device")) {
                    client.await("B  distil block variants");
                    client.kill();
                    temporal.killAndRestart();
                    Results results = followed();
                    assertThat(results.timeline()).allSatisfy(stage -> assertThat(stage.worker())
                            .endsWith("-" + (stage.stage().equals("measure") ? device.pid() : trainer.pid())));
                    stop(trainer);
                    stop(device);
                }
            }
            try (LimbeckProcess alone = limbeck("run", TinyRun.SPEC)) {
                TinyRun.results(alone, folder);
                assertThat(alone.said()).contains("it goes on where it was");
            }
        }
    }

    /** Another client takes the killed one's place. */
    private Results followed() throws Exception {
        try (LimbeckProcess client = limbeck("run", TinyRun.SPEC, "--no-workers")) {
            Results results = TinyRun.results(client, folder);
            assertThat(client.said()).contains("is already under way; following it");
            return results;
        }
    }

    private static void stop(LimbeckProcess worker) throws InterruptedException {
        assertThat(worker.said()).contains(STARTED);
        worker.stop();
        worker.join();
    }

    private LimbeckProcess limbeck(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(servers);
        return LimbeckProcess.start(folder, all);
    }
}
