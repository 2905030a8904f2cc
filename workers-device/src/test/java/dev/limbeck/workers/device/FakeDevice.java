package dev.limbeck.workers.device;

import dev.limbeck.graph.Graph;
import dev.limbeck.measure.Device;
import dev.limbeck.measure.DeviceDescription;
import dev.limbeck.measure.DeviceHealth;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.LatencyRun;
import dev.limbeck.measure.SimulatedDevice;
import dev.limbeck.schemas.Progress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A simulated device that is as hot, and as much slower than usual, as a test says. */
final class FakeDevice implements Device {

    private final SimulatedDevice simulated = new SimulatedDevice(Duration.ZERO);
    private final Deque<Double> slowness = new ArrayDeque<>();
    private volatile double celsius = 40;
    private boolean throttled;
    private RuntimeException failure;
    private int measurements;

    void heat(double newCelsius) {
        celsius = newCelsius;
    }

    void throttle(boolean now) {
        throttled = now;
    }

    /** @param now null for a device that does what it should */
    void fail(RuntimeException now) {
        failure = now;
    }

    /** Factors of the next measurements; after the last of them it is 1. */
    void slow(Double... factors) {
        slowness.clear();
        slowness.addAll(List.of(factors));
    }

    /** How often something was measured. */
    int measurements() {
        return measurements;
    }

    @Override
    public DeviceDescription description() {
        if (failure != null) {
            throw failure;
        }
        return simulated.description();
    }

    @Override
    public DeviceHealth health() {
        if (failure != null) {
            throw failure;
        }
        return new DeviceHealth(Optional.of(celsius), throttled);
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<Graph> graphs, long batch, int threads, LatencyProtocol protocol, Progress progress) {
        measurements++;
        double factor = slowness.isEmpty() ? 1 : slowness.removeFirst();
        return simulated.measure(graphs, batch, threads, protocol, progress).stream()
                .map(latency -> slower(latency, factor))
                .toList();
    }

    private static LatencyMeasurement slower(LatencyMeasurement latency, double factor) {
        double millis = factor * latency.p50Millis();
        return new LatencyMeasurement(
                latency.model(),
                latency.batch(),
                latency.protocol(),
                latency.settings(),
                latency.runtime(),
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
                latency.before(),
                latency.after());
    }

    @Override
    public double integerKernelShare(Graph graph, int threads) {
        return simulated.integerKernelShare(graph, threads);
    }
}
