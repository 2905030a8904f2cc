package dev.limbeck.cli.embedded;

import java.io.File;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.internals.Exit;

/**
 * What happens when a broker in this process cannot go on. Kafka then ends the JVM on the spot, without a word where logs are quiet;
 * here somebody is told first, and decides.
 */
final class BrokerFaults {

    /** Below this a failed broker is put down to a full disk. */
    private static final long FULL_BYTES = 4 << 20;

    private final Path folder;
    private final Consumer<BrokerFault> listener;
    private volatile boolean running;

    BrokerFaults(Path folder, Consumer<BrokerFault> listener) {
        this.folder = folder;
        this.listener = listener;
    }

    /** Takes the place of Kafka's ways to end the process, which hold for all brokers of this JVM. */
    void install() {
        Exit.setHaltProcedure(this::failed);
        Exit.setExitProcedure(this::failed);
    }

    /** From now on faults go to the listener; before, starting the broker fails with them. */
    void running(boolean now) {
        running = now;
    }

    private void failed(int status, String message) {
        String reason = message == null ? "status " + status : message;
        if (running) {
            running = false;
            listener.accept(fault(reason));
        }
        throw new IllegalStateException("the Kafka broker has stopped: " + reason);
    }

    private BrokerFault fault(String reason) {
        File file = folder.toFile();
        if (file.exists() && file.getUsableSpace() < FULL_BYTES) {
            return new BrokerFault(
                    "the disk of " + folder
                            + " is full, so that events cannot be kept; free some space and give the same command again: it goes on where it was",
                    true);
        }
        return new BrokerFault(
                "the embedded Kafka broker in " + folder + " failed (" + reason
                        + "); give the same command again: it goes on where it was",
                false);
    }
}
