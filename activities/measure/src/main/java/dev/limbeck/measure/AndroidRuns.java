package dev.limbeck.measure;

import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The runs of one network on a phone so far: each is a process of its own, whose first queries are thrown away. */
final class AndroidRuns {

    private static final int PROBE = 10;
    private static final String REFUSED = "refused:";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Adb adb;
    private final String folder;
    private final String tool;
    private final String model;
    private final int threads;
    private final LatencyProtocol protocol;
    private final List<LatencyRun> runs = new ArrayList<>();
    private int queries;

    /** @param model file in the folder on the phone */
    AndroidRuns(Adb adb, String folder, String tool, String model, int threads, LatencyProtocol protocol) {
        this.adb = adb;
        this.folder = folder;
        this.tool = tool;
        this.model = model;
        this.threads = threads;
        this.protocol = protocol;
    }

    /** One run, as long as the protocol wants: the first time a few queries tell how many these are. */
    void run() {
        if (queries == 0) {
            double millis = Math.max(1e-3, Percentiles.of(Percentiles.sorted(samples(PROBE)), 0.5));
            double wanted =
                    Math.max(protocol.minimumCount(), protocol.minimumDuration().toMillis() / millis);
            queries = (int) Math.max(
                    1, Math.ceil(Math.min(wanted, protocol.maximumDuration().toMillis() / millis)));
        }
        float[] all = samples(protocol.warmUpCount() + queries);
        float[] counted = Arrays.copyOfRange(all, Math.min(protocol.warmUpCount(), all.length - 1), all.length);
        double sum = 0;
        for (float sample : counted) {
            sum += sample;
        }
        runs.add(new LatencyRun(counted, sum));
    }

    /** Milliseconds of each query, as the program's result file has them: lines of name, seconds, and what is not needed here. */
    private float[] samples(int count) {
        String output = adb.shell(
                PATIENCE.plus(protocol.maximumDuration()),
                "cd %s && rm -f result.csv && ./%s -e cpu -m times -r %d -x %d -y 1 -o 99 -I %s result.csv > log.txt 2>&1 && cat result.csv || { echo %s; cat log.txt; }"
                        .formatted(folder, tool, count, threads, model, REFUSED));
        if (output.contains(REFUSED)) {
            throw new BadInputException(tool + " on phone " + adb.serial() + " refuses the network: "
                    + output.replace(REFUSED, "").strip());
        }
        List<Double> millis = output.lines()
                .map(line -> line.split(","))
                .filter(line -> line.length >= 2 && line[1].matches("[0-9.]+(e-?[0-9]+)?"))
                .map(line -> AndroidDevice.millis(line[1]))
                .toList();
        if (millis.isEmpty()) {
            throw new DeviceFailure(tool + " has measured nothing; it says: "
                    + output.strip().lines().findFirst().orElse("nothing"));
        }
        float[] samples = new float[millis.size()];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = millis.get(i).floatValue();
        }
        return samples;
    }

    boolean agree() {
        return RunSeries.agree(runs, protocol);
    }

    boolean done() {
        return agree() || runs.size() >= protocol.maximumRuns();
    }

    void remove() {
        adb.shell(PATIENCE, "rm -f %s/%s %s/result.csv".formatted(folder, model, folder));
    }

    LatencyMeasurement summary(
            String digest,
            long batch,
            SessionOptions settings,
            RuntimeVersion runtime,
            boolean steady,
            MachineState before,
            MachineState after) {
        return LatencyMeasurer.summary(digest, batch, protocol, settings, runtime, runs, steady, before, after);
    }
}
