package dev.limbeck.measure;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Provider;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Searches settings of the runtime under which a network is faster, on this machine.
 *
 * <p>One factor after the other is varied, its choices measured in turns with the best settings so far, until a whole pass changes
 * nothing. A choice that gains nothing any more gives way to the factor's default. What looks best then has been chosen for looking so: a second measurement, of new sessions, decides whether it is faster
 * than the defaults. If that is not beyond doubt, the defaults stay.
 */
public final class Tuner {

    private static final int PASSES = 3;

    /** What a choice must gain over the settings before, in every round; less is not told from noise by a short trial. */
    private static final double NOTICEABLE = 1.02;

    /** What all choices together must gain over the defaults. */
    private static final double WORTHWHILE = 1.01;

    /** Of the sign test: five of five rounds, or eight of nine. */
    private static final double SIGNIFICANCE = 0.05;

    /** Of the outputs' norm: integer kernels may round a value to the next step of its grid. */
    private static final double ROUNDING = 0.05;

    private final Trials trials;
    private final LatencyProtocol search;
    private final LatencyProtocol confirm;

    /** What settings are tried on. */
    interface Trials {

        /** Whether the runtime takes the settings, and the network computes with them what it does with the defaults. */
        boolean acceptable(SessionOptions settings);

        /** @return for each of the settings the medians of its runs, which alternate, in milliseconds */
        List<List<Double>> medians(List<SessionOptions> settings, LatencyProtocol protocol);
    }

    Tuner(Trials trials, LatencyProtocol search, LatencyProtocol confirm) {
        this.trials = trials;
        this.search = search;
        this.confirm = confirm;
    }

    /**
     * @param batch items of a query: replaces a dynamic first dimension
     * @param threads that may be used; the defaults use all of them, as ONNX Runtime does by itself
     * @param search protocol of the trials
     * @param confirm protocol of the second measurement
     * @throws BadInputException if ONNX Runtime refuses the graph, or an input's shape is not known
     */
    public static Tuning tune(
            Graph graph, long batch, int threads, LatencyProtocol search, LatencyProtocol confirm, Progress progress) {
        SessionOptions defaults = SessionOptions.defaults().withThreads(threads);
        return new Tuner(new SessionTrials(graph, batch, defaults), search, confirm)
                .tune(defaults, TuningFactor.all(threads, Provider.available()), progress);
    }

    Tuning tune(SessionOptions defaults, List<TuningFactor> factors, Progress progress) {
        int mostThreads = defaults.threads();
        List<Tuning.Trial> tried = new ArrayList<>();
        Set<List<SessionOptions>> compared = new HashSet<>();
        SessionOptions best = defaults;
        for (int pass = 1; pass <= PASSES; pass++) {
            SessionOptions before = best;
            for (int i = 0; i < factors.size(); i++) {
                progress.report(
                        "tune, pass " + pass, i, factors.size(), factors.get(i).name());
                SessionOptions incumbent = best;
                List<SessionOptions> others = factors.get(i).alternatives(best).stream()
                        .filter(other -> other.threads() * other.branches() <= mostThreads)
                        .filter(other -> compared.add(List.of(incumbent, other)))
                        .toList();
                best = best(factors.get(i), best, others, tried);
            }
            if (best.equals(before)) {
                break;
            }
        }
        if (best.equals(defaults)) {
            return new Tuning(defaults, defaults, tried, null);
        }
        progress.report("confirm", 0, 1, "");
        Tuning.Confirmation confirmation = confirmation(defaults, best);
        progress.report("confirm", 1, 1, "%.2f x".formatted(confirmation.speedup()));
        boolean faster = confirmation.speedup() >= WORTHWHILE && confirmation.significance() <= SIGNIFICANCE;
        return new Tuning(defaults, faster ? best : defaults, tried, confirmation);
    }

    private SessionOptions best(
            TuningFactor factor, SessionOptions incumbent, List<SessionOptions> others, List<Tuning.Trial> tried) {
        List<SessionOptions> acceptable =
                others.stream().filter(trials::acceptable).toList();
        others.stream()
                .filter(other -> !acceptable.contains(other))
                .forEach(other -> tried.add(new Tuning.Trial(factor.name(), other, null, false)));
        if (acceptable.isEmpty()) {
            return incumbent;
        }
        List<SessionOptions> measured = new ArrayList<>(acceptable);
        measured.addFirst(incumbent);
        List<List<Double>> medians = trials.medians(measured, search);
        List<double[]> rounds = medians.stream()
                .skip(1)
                .map(runs -> ratios(medians.getFirst(), runs))
                .toList();
        SessionOptions best = incumbent;
        double most = 0;
        for (int i = 0; i < rounds.size(); i++) {
            boolean plain = acceptable.get(i).equals(factor.plain(incumbent));
            double speedup = median(rounds.get(i));
            boolean faster =
                    speedup >= NOTICEABLE && Arrays.stream(rounds.get(i)).allMatch(ratio -> ratio > 1);
            if ((faster || plain && speedup > 1 / WORTHWHILE) && speedup > most) {
                best = acceptable.get(i);
                most = speedup;
            }
        }
        for (int i = 0; i < rounds.size(); i++) {
            SessionOptions other = acceptable.get(i);
            tried.add(new Tuning.Trial(factor.name(), other, median(rounds.get(i)), other.equals(best)));
        }
        return best;
    }

    private Tuning.Confirmation confirmation(SessionOptions defaults, SessionOptions best) {
        List<List<Double>> medians = trials.medians(List.of(defaults, best), confirm);
        double[] ratios = ratios(medians.get(0), medians.get(1));
        int faster = (int) Arrays.stream(ratios).filter(ratio -> ratio > 1).count();
        return new Tuning.Confirmation(
                best,
                median(array(medians.get(0))),
                median(array(medians.get(1))),
                median(ratios),
                faster,
                ratios.length,
                signTest(faster, ratios.length));
    }

    /** But for rounding. Random inputs may make a network give what is no number, which is no fault of settings that give it too. */
    static boolean same(float[] expected, float[] actual) {
        double error = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            if (Float.isFinite(expected[i])) {
                error += Math.pow(actual[i] - expected[i], 2);
                norm += Math.pow(expected[i], 2);
            } else if (Float.compare(expected[i], actual[i]) != 0) {
                return false;
            }
        }
        return error <= ROUNDING * ROUNDING * norm;
    }

    /** P(at least so many heads) of so many fair coins. */
    static double signTest(int heads, int coins) {
        double ways = 1;
        double sum = 0;
        for (int k = 0; k <= coins; k++) {
            sum += k >= heads ? ways : 0;
            ways = ways * (coins - k) / (k + 1);
        }
        return sum / Math.pow(2, coins);
    }

    /** Of each round: how much faster the second of both was. One of them may have needed more rounds to agree with itself. */
    private static double[] ratios(List<Double> before, List<Double> after) {
        return IntStream.range(0, Math.min(before.size(), after.size()))
                .mapToDouble(i -> before.get(i) / after.get(i))
                .toArray();
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double median(double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** A network in ONNX Runtime. */
    private static final class SessionTrials implements Trials {

        private final LatencyMeasurer measurer = LatencyMeasurer.ofThisMachine();
        private final Graph graph;
        private final long batch;
        private final Map<String, FloatTensor> inputs;
        private final Map<String, FloatTensor> expected;

        SessionTrials(Graph graph, long batch, SessionOptions defaults) {
            this.graph = graph;
            this.batch = batch;
            inputs = RandomInputs.of(graph, batch);
            expected = outputs(defaults);
        }

        private Map<String, FloatTensor> outputs(SessionOptions settings) {
            try (Session session = Session.open(graph, settings)) {
                return session.run(inputs);
            }
        }

        @Override
        public boolean acceptable(SessionOptions settings) {
            try {
                Map<String, FloatTensor> outputs = outputs(settings);
                return expected.entrySet().stream()
                        .allMatch(output -> same(
                                output.getValue().data(),
                                outputs.get(output.getKey()).data()));
            } catch (BadInputException e) {
                return false;
            }
        }

        @Override
        public List<List<Double>> medians(List<SessionOptions> settings, LatencyProtocol protocol) {
            return measurer
                    .measureInterleaved(
                            settings.stream().map(s -> graph).toList(), batch, settings, protocol, Progress.NONE)
                    .stream()
                    .map(LatencyMeasurement::runMediansMillis)
                    .toList();
        }
    }
}
