package dev.limbeck.workers.common;

import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;

/** Where Kafka is and how it is spoken to: the properties of any Kafka client, TLS and SASL included. */
public final class KafkaProfile {

    private static final String SERVERS = CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG;

    private KafkaProfile() {}

    /** Brokers without TLS and passwords. @param address host:port, or several with commas */
    public static Map<String, Object> plain(String address) {
        return Map.of(SERVERS, address);
    }

    /**
     * The brokers that the user has named; empty if none.
     *
     * @param address host:port, or several with commas, instead of the file's; may be null
     * @param file properties of a Kafka client, such as its own tools take them; may be null
     * @throws BadInputException if the file cannot be read, or names no brokers
     */
    public static Optional<Map<String, Object>> find(String address, Path file) {
        if (file == null) {
            return Optional.ofNullable(address).map(KafkaProfile::plain);
        }
        Map<String, Object> settings = new HashMap<>();
        Properties read = read(file);
        read.stringPropertyNames().forEach(name -> settings.put(name, read.getProperty(name)));
        if (address != null) {
            settings.put(SERVERS, address);
        }
        if (!settings.containsKey(SERVERS)) {
            throw new BadInputException(
                    file + " has no " + SERVERS + "; add " + SERVERS + "=HOST:PORT, or give --kafka HOST:PORT");
        }
        return Optional.of(settings);
    }

    private static Properties read(Path file) {
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            read.load(reader);
            return read;
        } catch (IOException | IllegalArgumentException e) {
            throw new BadInputException(
                    file + " cannot be read (" + e + "); give properties of a Kafka client by --kafka-config", e);
        }
    }
}
