package dev.limbeck.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Tries faults one by one, each in a run on a fleet of its own, and prints what was lost: {@code bench/faults}. Moments are random by a
 * fixed seed.
 */
final class FaultsTable {

    private static final long SEED = 1;
    private static final int LATEST_MILLIS = 2000;

    private FaultsTable() {}

    private interface Action {

        void on(FaultFleet fleet) throws Exception;
    }

    /** @param stage after whose beginning it happens */
    private record Fault(String name, String stage, Action action) {}

    private static final String LIBRARY = "B  distil block variants";
    private static final String SEARCH = "C  search|D  finetune";
    private static final String FINETUNE = "D  finetune";

    private static final List<Fault> FAULTS = List.of(
            new Fault("Temporal killed", LIBRARY, FaultFleet::killTemporal),
            new Fault("broker killed", SEARCH, FaultFleet::killBroker),
            new Fault("training worker killed", FINETUNE, FaultFleet::killTrainer),
            new Fault("device worker killed", SEARCH, FaultFleet::killDevice),
            new Fault("client killed", FINETUNE, FaultFleet::killClient),
            new Fault("training worker told to stop", FINETUNE, FaultFleet::stopTrainer),
            new Fault("device worker told to stop", SEARCH, FaultFleet::stopDevice),
            new Fault("training worker frozen for 75 s", FINETUNE, fleet -> fleet.freezeTrainer(75)),
            new Fault("device worker frozen for 45 s", SEARCH, fleet -> fleet.freezeDevice(45)),
            new Fault("Kafka silent for 60 s", LIBRARY, fleet -> fleet.freezeBroker(60)));

    /** @param arguments a folder for the runs, and a part of the names of the faults to try; all without */
    public static void main(String[] arguments) throws Exception {
        Path binary = TemporalProcess.binary()
                .orElseThrow(
                        () -> new IllegalStateException("no 'temporal' on the path, and LIMBECK_TEMPORAL names none"));
        Path folder = Files.createTempDirectory(Path.of(arguments[0]), "faults");
        Random random = new Random(SEED);
        System.out.printf(
                "| fault | seconds | same results | measured twice | events lost | files left | processes left |%n");
        System.out.printf("| --- | ---: | --- | ---: | ---: | ---: | ---: |%n");
        FaultTrace expected = run(folder, binary, new Fault("undisturbed", LIBRARY, fleet -> {}), 0, null);
        for (Fault fault : FAULTS) {
            int delay = random.nextInt(LATEST_MILLIS);
            if (arguments.length == 1 || fault.name().contains(arguments[1])) {
                run(folder, binary, fault, delay, expected);
            }
        }
        delete(folder);
    }

    private static FaultTrace run(Path folder, Path binary, Fault fault, int delay, FaultTrace expected)
            throws Exception {
        Path place = Files.createDirectory(folder.resolve(fault.name().replace(' ', '-')));
        Path store = place.resolve("store");
        long began = System.nanoTime();
        FaultTrace trace;
        try (FaultFleet fleet = new FaultFleet(binary, place, store)) {
            fleet.await(fault.stage());
            Thread.sleep(delay);
            fault.action().on(fleet);
            fleet.results();
            fleet.stopWorkers();
            trace = FaultTrace.of(place, store, fleet.brokerAddress());
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %s | %d | %d | %d | %d |%n",
                fault.name(),
                (System.nanoTime() - began) / 1e9,
                expected == null || trace.results().equals(expected.results()) ? "yes" : "NO",
                trace.measuredTwice().size(),
                trace.lostEvents().size(),
                trace.files().size(),
                ProcessHandle.current()
                        .descendants()
                        .filter(ProcessHandle::isAlive)
                        .count());
        return trace;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
