package dev.limbeck.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The quick example on a whole fleet, given to it by a CI's job, while one process after the other dies in the same run: {@code
 * bench/faults --example}.
 */
final class FaultsExample {

    /** Of the command. */
    static final String OPTION = "--example";

    private static final Path HOME = Path.of("").toAbsolutePath();
    private static final Path SPEC = Path.of("examples", "fashion-mnist", "quick.yaml");
    private static final String NAME = "quick";
    private static final Duration PATIENCE = Duration.ofMinutes(60);
    private static final int DISK_MEGABYTES = 2048;

    private interface Action {

        void on(FaultFleet fleet) throws Exception;
    }

    /** @param stage in which it happens */
    private record Fault(String name, String stage, Action action) {}

    private static final List<Fault> FAULTS = List.of(
            new Fault("Temporal killed", "B  distil block variants", FaultFleet::killTemporal),
            new Fault("training worker killed", "B  distil block variants", FaultFleet::killTrainer),
            new Fault("Kafka silent for 60 s", "B  distil block variants", fleet -> fleet.freezeBroker(60)),
            new Fault("CI's job killed, and started again", "B  finetune networks", FaultsExample::restartCi),
            new Fault("training worker frozen for 75 s", "B  finetune networks", fleet -> fleet.freezeTrainer(75)),
            new Fault("broker killed", "C  search", FaultFleet::killBroker),
            new Fault("device worker killed", "C  search", FaultFleet::killDevice),
            new Fault("device worker frozen for 45 s", "C  search", fleet -> fleet.freezeDevice(45)),
            new Fault("device worker told to stop", "C  search", FaultFleet::stopDevice),
            new Fault("Temporal killed again", "D  finetune", FaultFleet::killTemporal),
            new Fault("training worker told to stop", "D  finetune", FaultFleet::stopTrainer));

    private FaultsExample() {}

    /** Prints what happened when, and what it came to beside a run that nobody disturbed. @return whether nothing was lost */
    static boolean print(Path scratch) throws Exception {
        Path folder = Files.createTempDirectory(scratch, "example");
        Path quiet = folder.resolve("undisturbed");
        FaultTrace expected = run(quiet, quiet.resolve("store"), List.of());
        Path store = folder.resolve("store");
        boolean held;
        if (SmallDisk.possible()) {
            try (SmallDisk disk = SmallDisk.mount(store, DISK_MEGABYTES)) {
                List<Fault> faults = new ArrayList<>(FAULTS);
                faults.add(new Fault("artifact disk full for 75 s", "D  finetune", fleet -> fleet.fillDisk(disk, 75)));
                held = tell(run(folder.resolve("fleet"), store, faults), expected);
            }
        } else {
            held = tell(run(folder.resolve("fleet"), store, FAULTS), expected);
        }
        FaultsTable.delete(folder);
        return held;
    }

    private static FaultTrace run(Path place, Path store, List<Fault> faults) throws Exception {
        Path binary = TemporalProcess.binary()
                .orElseThrow(
                        () -> new IllegalStateException("no 'temporal' on the path, and LIMBECK_TEMPORAL names none"));
        Files.createDirectories(place);
        long began = System.nanoTime();
        System.out.printf("| fault | stage | after, s |%n| --- | --- | ---: |%n");
        try (FaultFleet fleet = new FaultFleet(binary, place, store, FleetSize.whole())) {
            fleet.startWorkers();
            fleet.awaitWorkers();
            fleet.submitFromCi(HOME, SPEC);
            for (Fault fault : faults) {
                fleet.await(fault.stage(), PATIENCE);
                // one that starts while Kafka is silent gives up; where workers are kept, it would be started again
                fleet.awaitWorkers();
                System.out.printf(Locale.ROOT, "| %s | %s | %.0f |%n", fault.name(), fault.stage(), seconds(began));
                fault.action().on(fleet);
                if (!fault.name().startsWith("CI")) {
                    Thread.sleep(3000);
                }
            }
            int code = fleet.joinCi(PATIENCE);
            List<Integer> codes = fleet.stopWorkers();
            System.out.printf(
                    Locale.ROOT,
                    "%nThe job ended with exit code %d after %.0f s, the workers with %s. Its summary:%n%n%s%n",
                    code,
                    seconds(began),
                    codes,
                    Files.readString(fleet.summary()));
            if (codes.stream().anyMatch(each -> each != ExitCodes.DONE)) {
                throw new IllegalStateException("a worker that was told to stop ended otherwise");
            }
            return FaultTrace.of(place, NAME, store, fleet.brokerAddress());
        }
    }

    private static boolean tell(FaultTrace trace, FaultTrace expected) {
        boolean same = trace.results().equals(expected.results());
        System.out.printf(
                "Results: %s. Trained again: %s (without faults: %s). Measured twice: %d. Events lost: %d of %d. Files left half-written: %d.%n",
                same ? "the same" : "OTHERS",
                trace.trainedAgain(),
                expected.trainedAgain(),
                trace.measuredTwice().size(),
                trace.lostEvents().size(),
                trace.events().size(),
                trace.files().size());
        return same
                && trace.trainedAgain().holds()
                && trace.measuredTwice().isEmpty()
                && trace.lostEvents().isEmpty()
                && trace.files().isEmpty();
    }

    private static void restartCi(FaultFleet fleet) throws Exception {
        fleet.killCi();
        fleet.submitFromCi(HOME, SPEC);
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
