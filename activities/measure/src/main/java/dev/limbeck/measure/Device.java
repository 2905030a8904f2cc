package dev.limbeck.measure;

import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import java.util.List;

/**
 * Something that networks are measured on: this machine, a phone at a cable, or a simulated one.
 *
 * <p>One measurement at a time: callers do not call two methods at once.
 */
public interface Device extends AutoCloseable {

    /** What the device is now; a new system or runtime changes it. */
    DeviceDescription description();

    /** How the device is now. */
    DeviceHealth health();

    /**
     * Latencies of networks, their runs alternating so that ratios hold.
     *
     * @param batch items of a query: replaces a dynamic first dimension
     * @param threads of the runtime
     * @return one measurement a graph, in the same order
     * @throws dev.limbeck.schemas.BadInputException if the device's runtime refuses a graph
     * @throws DeviceFailure if the device does not do what it is told
     */
    List<LatencyMeasurement> measure(
            List<Graph> graphs, long batch, int threads, LatencyProtocol protocol, Progress progress);

    /**
     * As above, with settings of the runtime: those that {@link #tune} has given, and no others.
     *
     * @param settings with their threads
     */
    default List<LatencyMeasurement> measure(
            List<Graph> graphs, long batch, SessionOptions settings, LatencyProtocol protocol, Progress progress) {
        return measure(graphs, batch, settings.threads(), protocol, progress);
    }

    /**
     * Settings of the runtime under which the network is faster; the defaults where there are none, or the device's runtime cannot be
     * set otherwise.
     *
     * @param threads that may be used
     */
    default Tuning tune(Graph graph, long batch, int threads, Progress progress) {
        SessionOptions defaults = SessionOptions.defaults().withThreads(threads);
        return new Tuning(defaults, defaults, List.of(), null);
    }

    /** Share of the network's convolutions that run in integer kernels, 0 to 1. */
    double integerKernelShare(Graph graph, int threads);

    @Override
    default void close() {}
}
