package dev.limbeck.measure;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A device whose latencies are a fixed function of the network, so that runs on it can be compared: {@value #NANOS_PER_NODE} ns a
 * node and 1 ns a multiply-accumulate operation, a quarter of that in a quantized network, over the number of threads.
 */
public final class SimulatedDevice implements Device {

    private static final int NANOS_PER_NODE = 2_000;
    private static final double INTEGER_SPEEDUP = 4;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double CELSIUS = 40;
    private static final MachineState MACHINE = new MachineState(
            "simulated processor",
            List.of(),
            1,
            0,
            "simulated system 1",
            "none",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private final Duration pause;

    /** @param pause how long the measurement of a network takes, whatever its latency */
    public SimulatedDevice(Duration pause) {
        this.pause = pause;
    }

    @Override
    public DeviceDescription description() {
        return new DeviceDescription(
                "simulated device",
                MACHINE.cpuModel(),
                MACHINE.cores(),
                MACHINE.operatingSystem(),
                "1",
                new RuntimeVersion("simulation", "1"),
                List.of("fp32", "int8"),
                false);
    }

    @Override
    public DeviceHealth health() {
        return new DeviceHealth(Optional.of(CELSIUS), false);
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<Graph> graphs, long batch, int threads, LatencyProtocol protocol, Progress progress) {
        List<LatencyMeasurement> measurements = new ArrayList<>();
        for (Graph graph : graphs) {
            rest();
            measurements.add(measurement(graph, batch, threads, protocol));
            progress.report("measure latency", measurements.size(), graphs.size(), "");
        }
        return measurements;
    }

    private void rest() {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceFailure("interrupted", e);
        }
    }

    private static LatencyMeasurement measurement(Graph graph, long batch, int threads, LatencyProtocol protocol) {
        double millis = millis(graph, batch, threads);
        return new LatencyMeasurement(
                graph.digest(),
                batch,
                protocol,
                SessionOptions.defaults().withThreads(threads),
                new RuntimeVersion("simulation", "1"),
                millis,
                millis,
                millis,
                millis,
                1,
                List.of(new LatencyRun(new float[] {(float) millis}, millis)),
                1,
                true,
                true,
                true,
                MACHINE,
                MACHINE);
    }

    private static double millis(Graph graph, long batch, int threads) {
        double macs = (double) Cost.of(graph).macs() * batch / threads;
        double nanos = quantized(graph) ? macs / INTEGER_SPEEDUP : macs;
        return (nanos + (double) NANOS_PER_NODE * graph.nodes().size()) / NANOS_PER_MILLI;
    }

    private static boolean quantized(Graph graph) {
        return graph.nodes().stream().anyMatch(node -> node.op().endsWith("QuantizeLinear"));
    }

    @Override
    public double integerKernelShare(Graph graph, int threads) {
        return quantized(graph) ? 1 : 0;
    }
}
