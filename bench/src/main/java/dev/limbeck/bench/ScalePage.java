package dev.limbeck.bench;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Writes {@code docs/scale.md}: what was measured, and what follows from it for 100,000 devices. */
final class ScalePage {

    private static final int DEVICES = 100_000;
    private static final int CLASSES = 1_000;
    private static final int GENERATION = 40;
    private static final int CANDIDATES_A_TASK = 8;
    private static final int CANDIDATES_A_RUN = 800;
    private static final double GENERATION_SECONDS = 3;
    private static final double BEAT_SECONDS = 30;
    private static final int RETENTION_DAYS = 3;
    private static final double SECONDS_A_DAY = 86_400;
    private static final int POLL_SECONDS = 60;
    private static final int POLLS_ALLOWED = 1_200;
    private static final int CORES = 2;
    private static final double KILO = 1e3;
    private static final double MEGA = 1e6;
    private static final double GIGA = 1e9;
    private static final double BROKER_BYTES = 100e6;

    private final ScaleFarm.Figures farm;
    private final ScaleRecords.Figures path;
    private final ScaleRecords.Restart restart;
    private final StringBuilder text = new StringBuilder();

    private ScalePage(ScaleFarm.Figures farm, ScaleRecords.Figures path, ScaleRecords.Restart restart) {
        this.farm = farm;
        this.path = path;
        this.restart = restart;
    }

    static String of(ScaleFarm.Figures farm, ScaleRecords.Figures path, ScaleRecords.Restart restart) {
        ScalePage page = new ScalePage(farm, path, restart);
        page.measured();
        page.plan();
        return page.text.toString();
    }

    private void measured() {
        line("# Scale");
        line("");
        line(
                "Written by `bench/scale`; every figure of the first part was measured by it in one go, on a machine of %d cores that ran",
                Runtime.getRuntime().availableProcessors());
        line(
                "everything: broker, Temporal server, devices and runs. Its load at the end was %.1f: what is far above the cores is",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        line("somebody else's work, and makes every figure worse.");
        line("");
        line("## Measured");
        line(
                "%,d devices and %,d measurements through one broker and one Temporal server (%s). Each device is the real worker around",
                farm.devices(), farm.measurements(), farm.server());
        line(
                "a simulated device that takes no time, so that only the platform is measured. They share one process, one connection to each");
        line(
                "server and one memory of measurements; artifacts are in memory. %,d runs measure generations of %d candidates, %d a task.",
                farm.measurements() / CANDIDATES_A_RUN, GENERATION, CANDIDATES_A_TASK);
        line("");
        line("| | |");
        line("| --- | ---: |");
        row("measurements a second", "%,.0f", farm.measurementsPerSecond());
        row("tasks a second", "%,.0f", tasksPerSecond());
        row("wait of a task in its queue, median", "%,.0f ms", farm.waitP50Millis());
        row("wait of a task in its queue, 99th percentile", "%,.0f ms", farm.waitP99Millis());
        row("start and registration of all devices", "%.1f s", farm.startSeconds());
        row("largest resident memory of broker, devices and runs together", "%,.0f MB", farm.processBytes() / MEGA);
        if (farm.temporalBytes() > 0) {
            row("largest resident memory of the Temporal server", "%,.0f MB", farm.temporalBytes() / MEGA);
        }
        row(
                "history of a run of %d candidates".formatted(CANDIDATES_A_RUN),
                "%s",
                "%,d events, %,.0f kB".formatted(farm.events(), farm.historyBytes() / KILO));
        row("a measurement on the log", "%,.0f bytes", measurementBytes());
        row("a device's record on the log", "%,.0f bytes", farm.deviceRecordBytes());
        row("events that could not be sent", "%,.0f", (double) farm.lostEvents());
        line("");
        line(
                "The way of measurements through Kafka, without Temporal: %,d records written by as many devices as wait for an",
                path.records());
        line("acknowledgement each, every key four times; compacted by the broker; read by a process that starts.");
        line("");
        line("| | |");
        line("| --- | ---: |");
        row("written", "%,.0f records a second", path.records() / path.produceSeconds());
        row(
                "compacted, the wait for the broker's cleaner included",
                "%s",
                "%.1f s, %,.0f MB to %,.0f MB"
                        .formatted(path.compactSeconds(), path.bytesBefore() / MEGA, path.bytesAfter() / MEGA));
        row("read after that", "%.1f s", path.readSeconds());
        row("**written, compacted and read**", "**%,.0f records a second**", path.recordsPerSecond());
        row("**restart from a log of %,d records**".formatted(restart.records()), "**%.1f s**", restart.readSeconds());
        row("that log", "%,.0f MB", restart.logBytes() / MEGA);
        row("heap of the process that remembers it", "%,.0f MB", restart.heapBytes() / MEGA);
        line("");
    }

    private void plan() {
        double measurements = CLASSES * GENERATION / GENERATION_SECONDS;
        double tasks = measurements / CANDIDATES_A_TASK;
        double runBytes = farm.historyBytes();
        double runs = measurements / CANDIDATES_A_RUN;
        line("## 100,000 devices, on paper");
        line(
                "%,d devices in %,d classes of %d, and one search a class at all times: a generation of %d candidates is measured by five devices",
                DEVICES, CLASSES, DEVICES / CLASSES, GENERATION);
        line("in 2 s (a quarter of a second each) and the next one proposed in 1 s.");
        line("");
        line("| what | arithmetic | result |");
        line("| --- | --- | ---: |");
        sum(
                "measurements",
                "%,d classes x %d / %.0f s".formatted(CLASSES, GENERATION, GENERATION_SECONDS),
                "%,.0f a second",
                measurements);
        sum("tasks", "%,.0f / %d".formatted(measurements, CANDIDATES_A_TASK), "%,.0f a second", tasks);
        sum(
                "cores for Temporal, its database, and the broker, if they grow with the tasks",
                "%d x %,.0f / %,.0f".formatted(CORES, tasks, tasksPerSecond()),
                "%,.0f",
                CORES * tasks / tasksPerSecond());
        sum(
                "workflow histories, kept %d days".formatted(RETENTION_DAYS),
                "%,.1f runs a second x %,.0f kB x %d days".formatted(runs, runBytes / KILO, RETENTION_DAYS),
                "%,.0f GB",
                runs * runBytes * SECONDS_A_DAY * RETENTION_DAYS / GIGA);
        sum(
                "events of one history (Temporal's limit: 51,200)",
                "%,d for %d candidates".formatted(farm.events(), CANDIDATES_A_RUN),
                "%,.0f candidates at most",
                51_200.0 * CANDIDATES_A_RUN / farm.events());
        sum(
                "task queues",
                "one a class; at %.1f tasks a second one partition each is enough".formatted(tasks / CLASSES),
                "%,.0f",
                (double) CLASSES);
        sum(
                "waiting polls",
                "%,d devices / %,d that one frontend allows (`frontend.namespaceCount`)"
                        .formatted(DEVICES, POLLS_ALLOWED),
                "%,.0f frontends, or a higher limit",
                Math.ceil((double) DEVICES / POLLS_ALLOWED));
        sum(
                "renewed polls",
                "%,d / %d s".formatted(DEVICES, POLL_SECONDS),
                "%,.0f a second",
                (double) DEVICES / POLL_SECONDS);
        double beats = DEVICES / BEAT_SECONDS + 2 * tasks;
        sum(
                "records on `limbeck.devices`",
                "%,d / %.0f s + 2 a task".formatted(DEVICES, BEAT_SECONDS),
                "%,.0f a second",
                beats);
        sum(
                "",
                "x %,.0f bytes".formatted(farm.deviceRecordBytes()),
                "%.1f MB a second",
                beats * farm.deviceRecordBytes() / MEGA);
        sum(
                "that topic, compacted",
                "%,d x %,.0f bytes".formatted(DEVICES, farm.deviceRecordBytes()),
                "%,.0f MB",
                DEVICES * farm.deviceRecordBytes() / MEGA);
        sum(
                "written to `limbeck.measurements`",
                "%,.0f x %,.0f bytes".formatted(measurements, measurementBytes()),
                "%.1f MB a second",
                measurements * measurementBytes() / MEGA);
        sum(
                "kept there in a year, nothing measured twice",
                "x 365 days",
                "%,.1f TB",
                measurements * measurementBytes() * SECONDS_A_DAY * 365 / GIGA / KILO);
        sum(
                "writes that one broker of %d cores takes".formatted(CORES),
                "measured",
                "%,.0f a second",
                path.records() / path.produceSeconds());
        sum(
                "partitions, of which a process reads one in %.0f s after a day".formatted(restartSeconds()),
                "%,.0f x 86,400 / %,d".formatted(measurements, restart.records()),
                "%,.0f",
                Math.ceil(measurements * SECONDS_A_DAY / restart.records()));
        line("");
        line("What must change before that:");
        line("");
        double all = DEVICES * measurements * measurementBytes();
        double own = all / CLASSES;
        line(
                "- Every device worker reads every measurement. That is %,.0f GB a second for %,d of them, and no cluster's. With a partition",
                all / GIGA, DEVICES);
        line(
                "  for each class (the class as the partition key) a worker reads its own class's alone: %,.0f MB a second, %,.0f brokers at 100 MB",
                own / MEGA, Math.ceil(own / BROKER_BYTES));
        line(
                "  a second. Today one worker of %,d classes reads as much as all of them write, which %,.0f records a second allow.",
                CLASSES, restart.records() / restart.readSeconds());
        line(
                "- A worker remembers all that it has read, %,.0f bytes a measurement. With its own class alone that is %,.0f MB a day.",
                (double) restart.heapBytes() / restart.records(),
                measurements / CLASSES * SECONDS_A_DAY * restart.heapBytes() / restart.records() / MEGA);
        line("- Old measurements go: of runtimes that no device of the class has any more.");
        line(
                "- The frontends' limits on polls and calls (`frontend.namespaceCount`, `frontend.namespaceRPS`) are raised, as `bench/scale` does.");
    }

    private double restartSeconds() {
        return restart.readSeconds();
    }

    private double tasksPerSecond() {
        return farm.measurementsPerSecond() / CANDIDATES_A_TASK;
    }

    private double measurementBytes() {
        return (double) farm.measurementBytes() / farm.measurements();
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void row(String name, String format, Object value) {
        line("| %s | %s |", name, String.format(Locale.ROOT, format, value));
    }

    private void sum(String what, String arithmetic, String format, double value) {
        line("| %s | %s | %s |", what, arithmetic, String.format(Locale.ROOT, format, value));
    }
}
