package dev.limbeck.cli.embedded;

import java.nio.file.Path;
import java.util.Properties;

/** Settings of a Kafka node that is broker and controller in one, for one machine and a small heap. */
final class BrokerSettings {

    static final int NODE = 1;
    static final String CONTROLLER = "CONTROLLER";

    private BrokerSettings() {}

    static Properties of(Path log, int port, int controllerPort) {
        Properties settings = new Properties();
        listen(settings, port, controllerPort);
        alone(settings);
        frugal(settings);
        settings.put("log.dirs", log.toString());
        settings.put("auto.create.topics.enable", "false");
        // after a kill, a start waits until the session of the dead broker has ended: 9 s by default
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("broker.session.timeout.ms", "3000");
        return settings;
    }

    private static void listen(Properties settings, int port, int controllerPort) {
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", String.valueOf(NODE));
        settings.put(
                "listeners", "PLAINTEXT://127.0.0.1:" + port + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        // a voter is known to the log by its id alone: its port may be another one at every start
        settings.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
    }

    /** No other node keeps copies, and nobody needs to be waited for. */
    private static void alone(Properties settings) {
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
    }

    private static void frugal(Properties settings) {
        // the default takes 128 MB of heap
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");
        settings.put("log.cleaner.io.buffer.size", "65536");
        // the default reserves 10 MB a segment, twice
        settings.put("log.index.size.max.bytes", "1048576");
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "2");
        settings.put("background.threads", "2");
        settings.put("num.replica.fetchers", "1");
        settings.put("group.coordinator.threads", "1");
        settings.put("share.coordinator.threads", "1");
    }
}
