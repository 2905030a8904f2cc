package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * An Android phone at a cable. ONNX Runtime's {@code onnxruntime_perf_test}, built for the phone, or another program that takes the
 * same options and writes the same result file, is pushed once; each run of a network is a run of it. Everything is removed when the
 * device is closed.
 *
 * <p>The share of integer kernels is that of ONNX Runtime on this machine: the phone's own graph stays on the phone.
 */
public final class AndroidDevice implements Device {

    private static final Duration MOMENT = Duration.ofSeconds(30);
    private static final Duration COPY = Duration.ofMinutes(5);
    private static final double MILLIS_PER_SECOND = 1000;

    private final Adb adb;
    private final Path tool;
    private final RuntimeVersion runtime;
    private final String folder;
    private volatile DeviceDescription description;
    private long memoryBytes;
    private boolean prepared;

    AndroidDevice(Adb adb, Path tool) {
        this.adb = requireNonNull(adb, "adb is null");
        this.tool = requireNonNull(tool, "tool is null");
        // the program does not say its version; its digest tells builds apart
        runtime = new RuntimeVersion(tool.getFileName().toString(), digest(tool));
        folder = "/data/local/tmp/limbeck-" + runtime.version();
    }

    /**
     * @param adb Android's debug bridge: a path, or a name on the search path
     * @param serial of the phone; null for the only one that is connected
     * @param tool onnxruntime_perf_test, built for the phone
     * @throws BadInputException if there is no such file, or no phone or several and no serial
     */
    public static AndroidDevice connect(String adb, String serial, Path tool) {
        if (!Files.isRegularFile(tool)) {
            throw new BadInputException(
                    tool + ": no such file; it must be onnxruntime_perf_test, built for the phone's processor");
        }
        return new AndroidDevice(new Adb(adb, serial == null ? Adb.onlySerial(adb) : serial), tool);
    }

    /** The phone's serial number. */
    public String serial() {
        return adb.serial();
    }

    /** Read once, and again after the device has failed: it may have been updated since. */
    @Override
    public DeviceDescription description() {
        DeviceDescription known = description;
        if (known != null) {
            return known;
        }
        AndroidProperties properties = AndroidProperties.parse(adb.shell(MOMENT, "getprop"));
        String[] hardware =
                adb.shell(MOMENT, "nproc; grep MemTotal /proc/meminfo").strip().split("\\s+");
        if (hardware.length < 3) {
            throw new DeviceFailure("phone " + serial() + " does not say how many cores it has");
        }
        memoryBytes = Long.parseLong(hardware[2]) * 1024;
        DeviceDescription read = new DeviceDescription(
                properties.model(),
                properties.processor(),
                Integer.parseInt(hardware[0]),
                properties.system(),
                properties.build(),
                runtime,
                List.of("fp32", "int8"),
                properties.isX86());
        description = read;
        return read;
    }

    /** Throttled from thermal status 2 ("moderate") on: at 1 Android promises that nobody notices. */
    @Override
    public DeviceHealth health() {
        try {
            AndroidThermals thermals = AndroidThermals.parse(adb.shell(MOMENT, "dumpsys thermalservice"));
            return new DeviceHealth(thermals.celsius(), thermals.throttled());
        } catch (DeviceFailure e) {
            forget();
            throw e;
        }
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<Graph> graphs, long batch, int threads, LatencyProtocol protocol, Progress progress) {
        try {
            prepare();
            MachineState before = state();
            List<AndroidRuns> all = new ArrayList<>();
            for (Graph graph : graphs) {
                all.add(new AndroidRuns(
                        adb, folder, tool.getFileName().toString(), push(graph, batch), threads, protocol));
            }
            boolean done = false;
            for (int round = 1; !done; round++) {
                all.forEach(AndroidRuns::run);
                done = all.stream().allMatch(AndroidRuns::done);
                progress.report("measure latency", done ? protocol.maximumRuns() : round, protocol.maximumRuns(), "");
            }
            boolean steady = all.stream().allMatch(AndroidRuns::agree);
            all.forEach(AndroidRuns::remove);
            MachineState after = state();
            List<LatencyMeasurement> measurements = new ArrayList<>();
            for (int i = 0; i < graphs.size(); i++) {
                measurements.add(all.get(i)
                        .summary(
                                graphs.get(i).digest(),
                                batch,
                                SessionOptions.defaults().withThreads(threads),
                                runtime,
                                steady,
                                before,
                                after));
            }
            return measurements;
        } catch (DeviceFailure e) {
            forget();
            throw e;
        }
    }

    /** @throws DeviceFailure if the phone slows itself down: what is measured then is no latency of this phone */
    private MachineState state() {
        DeviceHealth health = health();
        if (health.throttled()) {
            throw new DeviceFailure("phone " + serial() + " slows itself down to cool");
        }
        DeviceDescription phone = description();
        return new MachineState(
                phone.processor(),
                List.of(),
                phone.cores(),
                memoryBytes,
                phone.os() + " " + phone.build(),
                "none",
                Optional.empty(),
                Optional.empty(),
                health.temperatureCelsius(),
                Optional.empty());
    }

    private void prepare() {
        if (!prepared) {
            String name = tool.getFileName().toString();
            adb.shell(MOMENT, "rm -rf " + folder + " && mkdir -p " + folder);
            adb.push(COPY, tool.toString(), folder + "/" + name);
            adb.shell(MOMENT, "chmod 755 " + folder + "/" + name);
            prepared = true;
        }
    }

    /** @return the file's name on the phone */
    private String push(Graph graph, long batch) {
        String name = graph.digest().substring(0, 16) + ".onnx";
        try {
            Path file = Files.createTempFile("limbeck", ".onnx");
            try {
                Files.write(file, withBatch(graph, batch).toBytes());
                adb.push(COPY, file.toString(), folder + "/" + name);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary file for " + name, e);
        }
        return name;
    }

    /** The program makes its own inputs and takes every open dimension as 1. */
    private static Graph withBatch(Graph graph, long batch) {
        GraphEditor editor = graph.edit().clearInputs();
        RandomInputs.shapes(graph, batch)
                .forEach((input, shape) -> editor.input(new ValueInfo(input.name(), input.type(), shape)));
        return editor.build();
    }

    private void forget() {
        description = null;
        prepared = false;
    }

    @Override
    public double integerKernelShare(Graph graph, int threads) {
        return KernelCoverage.of(graph, SessionOptions.defaults().withThreads(threads))
                .convolutionShare();
    }

    @Override
    public void close() {
        if (prepared) {
            prepared = false;
            try {
                adb.shell(MOMENT, "rm -rf " + folder);
            } catch (DeviceFailure e) {
                // it is away, and what it holds is removed by the next worker that finds it
            }
        }
    }

    private static String digest(Path tool) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(tool));
            return HexFormat.of().formatHex(digest).substring(0, 12);
        } catch (IOException e) {
            throw new BadInputException(tool + ": cannot be read: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    static double millis(String seconds) {
        return Double.parseDouble(seconds) * MILLIS_PER_SECOND;
    }
}
