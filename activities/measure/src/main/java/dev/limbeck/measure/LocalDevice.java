package dev.limbeck.measure;

import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Spec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/** This machine, with ONNX Runtime inside this process. */
public final class LocalDevice implements Device {

    /** Nine rounds at most: enough for the sign test, and some seconds. */
    private static final LatencyProtocol CONFIRMATION = LatencyProtocol.quick().withRuns(5, 9);

    private final LatencyMeasurer measurer;
    private final Supplier<MachineState> machine;
    private final LinuxDetails details;
    private long throttles;

    LocalDevice(LatencyMeasurer measurer, Supplier<MachineState> machine, LinuxDetails details) {
        this.measurer = measurer;
        this.machine = machine;
        this.details = details;
        throttles = details.throttles();
    }

    public static LocalDevice ofThisMachine() {
        return new LocalDevice(
                LatencyMeasurer.ofThisMachine(),
                MachineState::read,
                new LinuxDetails(Path.of("/proc"), Path.of("/sys")));
    }

    @Override
    public DeviceDescription description() {
        MachineState state = machine.get();
        return new DeviceDescription(
                details.model().orElse(System.getProperty("os.arch")),
                state.cpuModel(),
                state.cores(),
                state.operatingSystem(),
                details.build().orElse("unknown"),
                RuntimeVersion.current(),
                Arrays.stream(Spec.Precision.values())
                        .map(Spec.Precision::label)
                        .toList(),
                state.saturatesIntegerProducts());
    }

    /** Throttled where the processor has counted a thermal event since the last look. */
    @Override
    public synchronized DeviceHealth health() {
        long before = throttles;
        throttles = details.throttles();
        return new DeviceHealth(machine.get().temperatureCelsius(), throttles > before);
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<Graph> graphs, long batch, int threads, LatencyProtocol protocol, Progress progress) {
        return measurer.measureInterleaved(graphs, batch, threads, protocol, progress);
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<Graph> graphs, long batch, SessionOptions settings, LatencyProtocol protocol, Progress progress) {
        return measurer.measureInterleaved(
                graphs, batch, Collections.nCopies(graphs.size(), settings), protocol, progress);
    }

    @Override
    public Tuning tune(Graph graph, long batch, int threads, Progress progress) {
        return Tuner.tune(graph, batch, threads, LatencyProtocol.quick(), CONFIRMATION, progress);
    }

    @Override
    public double integerKernelShare(Graph graph, int threads) {
        return KernelCoverage.of(graph, SessionOptions.defaults().withThreads(threads))
                .convolutionShare();
    }
}
