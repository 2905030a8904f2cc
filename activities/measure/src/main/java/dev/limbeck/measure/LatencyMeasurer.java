package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.PreparedRun;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Measures latencies of networks in ONNX Runtime on this machine.
 *
 * <p>Inputs are random (a fixed seed) and made once; nothing but the network runs between two readings of the clock. Measuring
 * several networks interleaved (a run of the first, a run of the second, …) lets a slow spell of the machine hit all of them: each
 * gets as many runs as the least steady one needs, and where one stays unsteady, all runs of all of them count.
 */
public final class LatencyMeasurer {

    private final LongSupplier nanoTime;
    private final Supplier<MachineState> machine;

    /**
     * @param nanoTime a monotonic clock in nanoseconds
     * @param machine reads the state of the machine
     */
    public LatencyMeasurer(LongSupplier nanoTime, Supplier<MachineState> machine) {
        this.nanoTime = requireNonNull(nanoTime, "nanoTime is null");
        this.machine = requireNonNull(machine, "machine is null");
    }

    /** This machine and its clock. */
    public static LatencyMeasurer ofThisMachine() {
        return new LatencyMeasurer(System::nanoTime, MachineState::read);
    }

    /** Whether a network can be measured without inputs being given: it takes floats, and no more of them than the batch is open. */
    public static boolean takesRandomInputs(Graph graph) {
        try {
            RandomInputs.shapes(graph, 1);
            return true;
        } catch (BadInputException e) {
            return false;
        }
    }

    /**
     * @param batch items of a query: replaces a dynamic first dimension
     * @throws BadInputException if ONNX Runtime refuses the graph, or an input's shape is not known
     */
    public LatencyMeasurement measure(
            Graph graph, long batch, int threads, LatencyProtocol protocol, Progress progress) {
        return measureInterleaved(List.of(graph), batch, threads, protocol, progress)
                .getFirst();
    }

    /** @param inputs a tensor for every input, by name: fixes image sizes too */
    public LatencyMeasurement measure(
            Graph graph,
            Map<String, FloatTensor> inputs,
            SessionOptions settings,
            LatencyProtocol protocol,
            Progress progress) {
        return measure(List.of(graph), List.of(inputs), List.of(settings), protocol, progress)
                .getFirst();
    }

    /**
     * As {@link #measure(Graph, long, int, LatencyProtocol, Progress)}, the graphs' runs alternating.
     *
     * @return one measurement a graph, in the same order
     */
    public List<LatencyMeasurement> measureInterleaved(
            List<Graph> graphs, long batch, int threads, LatencyProtocol protocol, Progress progress) {
        List<Map<String, FloatTensor>> inputs =
                graphs.stream().map(graph -> RandomInputs.of(graph, batch)).toList();
        return measure(
                graphs,
                inputs,
                Collections.nCopies(graphs.size(), SessionOptions.defaults().withThreads(threads)),
                protocol,
                progress);
    }

    /**
     * As above, each graph with its own settings; the same graph may come several times.
     *
     * @param settings one for each graph
     */
    public List<LatencyMeasurement> measureInterleaved(
            List<Graph> graphs,
            long batch,
            List<SessionOptions> settings,
            LatencyProtocol protocol,
            Progress progress) {
        List<Map<String, FloatTensor>> inputs =
                graphs.stream().map(graph -> RandomInputs.of(graph, batch)).toList();
        return measure(graphs, inputs, settings, protocol, progress);
    }

    /**
     * As {@link #measureInterleaved(List, long, int, LatencyProtocol, Progress)}, on given inputs.
     *
     * @param inputs a tensor for every input, by name, that all graphs take
     */
    public List<LatencyMeasurement> measureInterleaved(
            List<Graph> graphs,
            Map<String, FloatTensor> inputs,
            SessionOptions settings,
            LatencyProtocol protocol,
            Progress progress) {
        return measure(
                graphs,
                Collections.nCopies(graphs.size(), inputs),
                Collections.nCopies(graphs.size(), settings),
                protocol,
                progress);
    }

    private List<LatencyMeasurement> measure(
            List<Graph> graphs,
            List<Map<String, FloatTensor>> inputs,
            List<SessionOptions> settings,
            LatencyProtocol protocol,
            Progress progress) {
        MachineState before = machine.get();
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            List<Runnable> queries = new ArrayList<>();
            for (int i = 0; i < graphs.size(); i++) {
                Session session = Session.open(graphs.get(i), settings.get(i));
                opened.addFirst(session);
                session.run(inputs.get(i)); // complains about inputs that do not fit
                PreparedRun prepared = session.prepare(inputs.get(i));
                opened.addFirst(prepared);
                queries.add(prepared::run);
            }
            List<RunSeries> series = series(queries, protocol, progress);
            MachineState after = machine.get();
            RuntimeVersion runtime = RuntimeVersion.current();
            boolean steady = series.stream().allMatch(RunSeries::agree);
            List<LatencyMeasurement> measurements = new ArrayList<>();
            for (int i = 0; i < graphs.size(); i++) {
                long batch = inputs.get(i).values().iterator().next().batch();
                measurements.add(summary(
                        graphs.get(i).digest(),
                        batch,
                        protocol,
                        settings.get(i),
                        runtime,
                        series.get(i).runs(),
                        steady,
                        before,
                        after));
            }
            return measurements;
        } finally {
            opened.forEach(LatencyMeasurer::close);
        }
    }

    /** Runs the queries in turns until all of them are done: who stopped sooner would have met other conditions than the rest. */
    List<RunSeries> series(List<Runnable> queries, LatencyProtocol protocol, Progress progress) {
        List<RunSeries> all = queries.stream()
                .map(query -> new RunSeries(protocol, nanoTime, query))
                .toList();
        all.forEach(RunSeries::warmUp);
        boolean done = false;
        for (int round = 1; !done; round++) {
            all.forEach(RunSeries::run);
            done = all.stream().allMatch(RunSeries::done);
            progress.report("measure latency", done ? protocol.maximumRuns() : round, protocol.maximumRuns(), "");
        }
        return all;
    }

    /** @param steady whether only the last runs count: those that agree, of all networks that are measured together */
    static LatencyMeasurement summary(
            String model,
            long batch,
            LatencyProtocol protocol,
            SessionOptions settings,
            RuntimeVersion runtime,
            List<LatencyRun> runs,
            boolean steady,
            MachineState before,
            MachineState after) {
        List<LatencyRun> counted = steady ? runs.subList(runs.size() - protocol.runs(), runs.size()) : runs;
        float[] sorted = Percentiles.sorted(LatencyMeasurement.join(counted));
        double sum = 0;
        for (float sample : sorted) {
            sum += sample;
        }
        return new LatencyMeasurement(
                model,
                batch,
                protocol,
                settings,
                runtime,
                Percentiles.of(sorted, 0.5),
                Percentiles.of(sorted, 0.9),
                Percentiles.of(sorted, 0.99),
                sum / sorted.length,
                sorted.length,
                runs,
                counted.size(),
                counted.stream()
                        .allMatch(r ->
                                r.durationMillis() >= protocol.minimumDuration().toNanos() / 1e6),
                counted.stream().allMatch(r -> r.count() >= protocol.minimumCount()),
                RunSeries.agree(runs, protocol),
                before,
                after);
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new IllegalStateException("closing a session failed", e);
        }
    }
}
