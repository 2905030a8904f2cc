package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {

    @TempDir
    private Path folder;

    private final List<BrokerFault> faults = new ArrayList<>();

    @Test
    void topicsOutliveTheBroker() throws Exception {
        try (EmbeddedKafka kafka = new EmbeddedKafka(folder, 0, faults::add);
                Admin admin = admin(kafka)) {
            admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1)))
                    .all()
                    .get();
        }
        try (EmbeddedKafka kafka = new EmbeddedKafka(folder, 0, faults::add);
                Admin admin = admin(kafka)) {
            assertThat(admin.listTopics().names().get()).containsExactly("kept");
        }
        assertThat(faults).as("a broker that is closed has not failed").isEmpty();
    }

    @Test
    void aFolderIsForOneBrokerAtATime() {
        try (EmbeddedKafka kafka = new EmbeddedKafka(folder, 0, faults::add)) {
            assertThat(kafka.address()).startsWith("127.0.0.1:");
            assertThatThrownBy(() -> new EmbeddedKafka(folder, 0, faults::add))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("another limbeck is at work in " + folder)
                    .hasMessageContaining("--store");
        }
    }

    @Test
    void aPortInUseIsNamedAndTheFolderIsFreeAgain() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> new EmbeddedKafka(folder, other.getLocalPort(), faults::add))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("port " + other.getLocalPort());
        }
        new FolderLock(folder).close();
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> new EmbeddedKafka(file.resolve("kafka"), 0, faults::add))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(file.resolve("kafka") + " cannot be written");
    }

    @Test
    void onlyTheLoopbackInterfaceIsServed() throws IOException {
        try (EmbeddedKafka kafka = new EmbeddedKafka(folder, 0, faults::add)) {
            assertThat(LoopbackOnly.reachableElsewhere(kafka.address())).isEmpty();
        }
    }

    @Test
    void aFaultIsToldOnceAndSaysWhatToDo() {
        BrokerFaults brokerFaults = new BrokerFaults(folder, faults::add);
        brokerFaults.install();
        brokerFaults.running(true);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> org.apache.kafka.common.utils.internals.Exit.halt(1, "all log dirs have failed"))
                    .hasMessageContaining("all log dirs have failed");
        }
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.message()).contains("all log dirs have failed", "it goes on where it was");
            assertThat(fault.mendable()).isFalse();
        });
    }

    private static Admin admin(EmbeddedKafka kafka) {
        return Admin.create(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.address()));
    }
}
