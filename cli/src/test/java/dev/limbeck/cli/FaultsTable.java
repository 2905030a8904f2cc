package dev.limbeck.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tries faults one by one, each in a run on a fleet of its own, and prints what was lost: {@code bench/faults}. Moments are random by a
 * fixed seed.
 */
final class FaultsTable {

    private static final long SEED = 1;
    private static final int LATEST_MILLIS = 2000;
    private static final int DISK_MEGABYTES = 128;

    private interface Action {

        void on(FaultFleet fleet) throws Exception;
    }

    /** @param moment after which it happens */
    private record Fault(String name, Action moment, Action action) {}

    private record Row(String fault, double seconds, boolean same, FaultTrace trace, List<Integer> codes, long left) {}

    private static final String DISK_FULL = "artifact disk full for 75 s";
    private static final Action LIBRARY = fleet -> fleet.await("B  distil block variants");
    private static final Action SEARCH = fleet -> fleet.await("C  search|D  finetune");
    private static final Action FINETUNE = fleet -> fleet.await("D  finetune");
    private static final Action FINETUNING = FaultFleet::awaitFinetuning;

    private static final List<Fault> FAULTS = List.of(
            new Fault("Temporal killed", LIBRARY, FaultFleet::killTemporal),
            new Fault("broker killed", SEARCH, FaultFleet::killBroker),
            new Fault("training worker killed", FINETUNING, FaultFleet::killTrainer),
            new Fault("device worker killed", SEARCH, FaultFleet::killDevice),
            new Fault("client killed", FINETUNE, FaultFleet::killClient),
            new Fault("training worker told to stop", FINETUNING, FaultFleet::stopTrainer),
            new Fault("device worker told to stop", SEARCH, FaultFleet::stopDevice),
            new Fault("training worker frozen for 75 s", FINETUNING, fleet -> fleet.freezeTrainer(75)),
            new Fault("device worker frozen for 45 s", SEARCH, fleet -> fleet.freezeDevice(45)),
            new Fault("Kafka silent for 60 s", LIBRARY, fleet -> fleet.freezeBroker(60)),
            new Fault("Kafka's log lost, and the repair", FINETUNE, FaultFleet::loseLog),
            new Fault("store lost, and the repair", FINETUNE, FaultFleet::loseStore),
            new Fault("Temporal's database lost, and the repair", FINETUNE, FaultFleet::loseDatabase));

    private static final String HEAD = """
            | fault | seconds | results | trained again | measured twice | events lost | files left | processes left |
            | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |
            """;

    private final Path folder;
    private final Path binary;
    private final List<Row> rows = new ArrayList<>();

    private FaultsTable(Path folder, Path binary) {
        this.folder = folder;
        this.binary = binary;
    }

    /** @param arguments a folder for the runs; then {@link FaultsExample#OPTION}, or a regular expression of those to try */
    public static void main(String[] arguments) throws Exception {
        String wanted = arguments.length > 1 ? arguments[1] : "";
        boolean held = wanted.equals(FaultsExample.OPTION)
                ? FaultsExample.print(Path.of(arguments[0]))
                : print(Path.of(arguments[0]), Pattern.compile(wanted));
        System.exit(held ? ExitCodes.DONE : ExitCodes.FAILED);
    }

    /**
     * Tries faults and prints the table.
     *
     * @param wanted found in the names of those to try
     * @return whether nothing was lost
     */
    static boolean print(Path scratch, Pattern wanted) throws Exception {
        Path binary = TemporalProcess.binary()
                .orElseThrow(
                        () -> new IllegalStateException("no 'temporal' on the path, and LIMBECK_TEMPORAL names none"));
        Path folder = Files.createTempDirectory(scratch, "faults");
        FaultsTable table = new FaultsTable(folder, binary);
        Random random = new Random(SEED);
        System.out.print(HEAD);
        table.run(new Fault("undisturbed", LIBRARY, fleet -> {}), 0);
        for (Fault fault : FAULTS) {
            int delay = random.nextInt(LATEST_MILLIS);
            if (wanted.matcher(fault.name()).find()) {
                table.run(fault, delay);
            }
        }
        if (wanted.matcher(DISK_FULL).find()) {
            table.fillDisk(random.nextInt(LATEST_MILLIS));
        }
        delete(folder);
        return table.rows.stream().allMatch(table::holds);
    }

    private void fillDisk(int delay) throws Exception {
        if (!SmallDisk.possible()) {
            System.out.println("'" + DISK_FULL + "' is not tried: only root can make a small disk");
            return;
        }
        Path place = folder.resolve("disk");
        try (SmallDisk disk = SmallDisk.mount(place, DISK_MEGABYTES)) {
            run(new Fault(DISK_FULL, LIBRARY, fleet -> fleet.fillDisk(disk, 75)), place, delay);
        }
    }

    private void run(Fault fault, int delay) throws Exception {
        run(fault, folder(fault).resolve("store"), delay);
    }

    /** Kafka takes a comma in it for the end of one. */
    private Path folder(Fault fault) {
        return folder.resolve(fault.name().replaceAll("\\W+", "-"));
    }

    private void run(Fault fault, Path store, int delay) throws Exception {
        Path place = Files.createDirectories(folder(fault));
        long began = System.nanoTime();
        FaultTrace trace;
        List<Integer> codes;
        try (FaultFleet fleet = new FaultFleet(binary, place, store, FleetSize.whole())) {
            fleet.startWorkers();
            fleet.awaitWorkers();
            fleet.submit();
            fault.moment().on(fleet);
            Thread.sleep(delay);
            fault.action().on(fleet);
            fleet.results();
            codes = fleet.stopWorkers();
            trace = FaultTrace.of(place, "tiny", store, fleet.brokerAddress());
        }
        long left = ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .count();
        boolean same =
                rows.isEmpty() || trace.results().equals(rows.getFirst().trace().results());
        Row row = new Row(fault.name(), (System.nanoTime() - began) / 1e9, same, trace, codes, left);
        rows.add(row);
        System.out.print(line(row));
    }

    /** Workers that were told to stop must have left well. */
    private boolean holds(Row row) {
        return row.same()
                && row.trace().trainedAgain().holds()
                && row.trace().measuredTwice().isEmpty()
                && row.trace().lostEvents().isEmpty()
                && row.trace().files().isEmpty()
                && row.left() == 0
                && row.codes().stream().allMatch(code -> code == ExitCodes.DONE);
    }

    private String line(Row row) {
        return "| %s | %.0f | %s | %s | %d | %d of %d | %d | %d |%n"
                .formatted(
                        row.fault(),
                        row.seconds(),
                        row.same() ? "the same" : "OTHERS",
                        row.trace().trainedAgain(),
                        row.trace().measuredTwice().size(),
                        row.trace().lostEvents().size(),
                        row.trace().events().size(),
                        row.trace().files().size(),
                        row.left());
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
