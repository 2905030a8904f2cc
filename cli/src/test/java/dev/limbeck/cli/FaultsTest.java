package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run on a fleet of processes (Temporal, Kafka, a training worker, a device worker, the client) that die one after the other ends as
 * one that nobody disturbed. Faults that take longer than a heartbeat are tried by {@code bench/faults}.
 */
@Timeout(600)
class FaultsTest {

    private static final Duration LEAVES_WITHIN = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void nothingIsLostAndNothingDoneTwice() throws Exception {
        Optional<Path> binary = TemporalProcess.binary();
        assumeTrue(
                binary.isPresent(), "no 'temporal' on the path, and LIMBECK_TEMPORAL names none: faults are not tried");
        FaultTrace expected = trace("undisturbed", binary.get(), fleet -> {
            fleet.await("nobody trains yet: start 'limbeck worker gpu'");
            fleet.await("no device of class 'local' is there yet: start 'limbeck worker device --class local'");
            fleet.startWorkers();
            assertThat(fleet.results().timeline()).allSatisfy(stage -> assertThat(stage.worker())
                    .endsWith("-" + (stage.stage().equals("measure") ? fleet.devicePid() : fleet.trainerPid())));
            // the server keeps the question until there is an answer
            assertThat(fleet.asked()).isBetween(1.0, 60.0);
        });
        FaultTrace disturbed = trace("disturbed", binary.get(), fleet -> {
            fleet.startWorkers();
            fleet.await("B  distil block variants");
            fleet.killTemporal();
            fleet.await("finetune networks for the predictor");
            fleet.killClient();
            fleet.await("is already under way; following it");
            fleet.await("C  search|D  finetune");
            leaves(fleet::stopDevice);
            fleet.killBroker();
            fleet.await("D  finetune");
            leaves(fleet::stopTrainer);
        });
        assertThat(disturbed.results()).isEqualTo(expected.results());
        assertThat(disturbed.trainedAgain()).matches(TrainedAgain::holds);
        assertThat(expected.trainedAgain().images()).isZero();
        assertThat(disturbed.measuredTwice()).isEmpty();
        assertThat(disturbed.lostEvents()).isEmpty();
        assertThat(disturbed.files()).isEmpty();
        assertThat(processes()).isEmpty();
    }

    /** Those of the fleets that are still there: their command lines name the test's folder. */
    private List<String> processes() {
        return ProcessHandle.current()
                .descendants()
                .map(process -> String.join(" ", process.info().arguments().orElse(new String[0])))
                .filter(arguments -> arguments.contains(folder.toString()))
                .toList();
    }

    private interface Faults {

        void happen(FaultFleet fleet) throws Exception;
    }

    private interface Stop {

        int stop() throws Exception;
    }

    /** Another worker takes the task while this one leaves: the task's heartbeat need not run out. */
    private static void leaves(Stop worker) throws Exception {
        long told = System.nanoTime();
        assertThat(worker.stop()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(LEAVES_WITHIN);
    }

    private FaultTrace trace(String name, Path binary, Faults faults) throws Exception {
        Path place = Files.createDirectory(folder.resolve(name));
        Path store = place.resolve("store");
        try (FaultFleet fleet = new FaultFleet(binary, place, store, FleetSize.smallest())) {
            fleet.submit();
            faults.happen(fleet);
            fleet.results();
            fleet.stopWorkers();
            return FaultTrace.of(place, "tiny", store, fleet.brokerAddress());
        }
    }
}
