package dev.limbeck.bench;

import dev.limbeck.cli.embedded.EmbeddedKafka;
import dev.limbeck.cli.embedded.EmbeddedTemporal;
import dev.limbeck.workers.common.KafkaEventPublisher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * What a farm of simulated devices does on one broker and one Temporal server, and the way of measurements through Kafka: writes
 * {@code docs/scale.md}.
 *
 * <p>Arguments: devices (1000), measurements (100000), records of the log that a search restarts from (1000000). The variable
 * SCALE_TEMPORAL names a Temporal server, SCALE_TEMPORAL_PID its process; without them one runs in here.
 */
public final class Scale {

    private Scale() {}

    public static void main(String[] arguments) throws Exception {
        int devices = argument(arguments, 0, 1_000);
        int measurements = argument(arguments, 1, 100_000);
        int records = argument(arguments, 2, 1_000_000);
        Path page = Path.of("docs/scale.md");
        ScaleRecords.Figures path =
                inFolder(folder -> broker(folder, client -> ScaleRecords.path(client, folder, 300_000)));
        System.err.println(path);
        ScaleRecords.Restart restart =
                inFolder(folder -> broker(folder, client -> ScaleRecords.restart(client, folder, records)));
        System.err.println(restart);
        ScaleFarm.Figures farm =
                inFolder(folder -> broker(folder, client -> farm(client, folder, devices, measurements)));
        System.err.println(farm);
        Files.writeString(page, ScalePage.of(farm, path, restart));
        System.err.println("written: " + page);
        System.exit(0); // a thousand workers have threads that wait
    }

    private static ScaleFarm.Figures farm(Map<String, Object> client, Path folder, int devices, int measurements)
            throws Exception {
        String named = System.getenv("SCALE_TEMPORAL");
        if (named != null) {
            return ScaleFarm.run(client, folder, named, "a real one with its data in SQLite", devices, measurements);
        }
        try (EmbeddedTemporal temporal = new EmbeddedTemporal()) {
            return ScaleFarm.run(client, folder, temporal.address(), "the embedded one", devices, measurements);
        }
    }

    private interface Work<T> {
        T in(Path folder) throws Exception;
    }

    private interface Client<T> {
        T with(Map<String, Object> properties) throws Exception;
    }

    private static <T> T broker(Path folder, Client<T> work) throws Exception {
        try (EmbeddedKafka kafka = new EmbeddedKafka(folder)) {
            Map<String, Object> client = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.address());
            KafkaEventPublisher.createTopics(client);
            return work.with(client);
        }
    }

    private static <T> T inFolder(Work<T> work) throws Exception {
        Path folder = Files.createTempDirectory("limbeck-scale");
        try {
            return work.in(folder);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static int argument(String[] arguments, int position, int otherwise) {
        return arguments.length > position ? Integer.parseInt(arguments[position]) : otherwise;
    }
}
