package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Tries ways to quantize a network, the cheapest first, until one is accurate enough. */
public final class AutoQuantizer {

    private AutoQuantizer() {}

    /** One way that was tried, with what it scored. */
    public record Attempt(QuantizeOptions options, double accuracy) {}

    /**
     * @param quantized the most accurate network found
     * @param floatAccuracy of the network before
     * @param accuracy of the most accurate one
     * @param goalMet whether the accuracy drop is within the goal
     */
    public record Outcome(
            Quantized quantized, double floatAccuracy, double accuracy, boolean goalMet, List<Attempt> attempts) {
        public Outcome {
            attempts = List.copyOf(attempts);
        }
    }

    /**
     * @param base settings that every attempt keeps: weights, threads, percentile
     * @param accuracy of a graph, higher is better; on images that no report uses
     * @param goal largest drop of accuracy that is good enough, in the unit of {@code accuracy}
     */
    public static Outcome quantize(
            Graph network,
            FloatTensor calibrationImages,
            QuantizeOptions base,
            ToDoubleFunction<Graph> accuracy,
            double goal,
            Progress progress) {
        double floatAccuracy = accuracy.applyAsDouble(network);
        Search search = new Search(floatAccuracy - goal);
        List<Supplier<QuantizeOptions>> ways = List.of(
                () -> calibrated(base, Calibration.MINMAX),
                () -> calibrated(base, Calibration.SQNR),
                () -> calibrated(base, Calibration.PERCENTILE),
                () -> search.best.options().toBuilder().biasCorrection(true).build(),
                () -> search.best.options().toBuilder()
                        .equalize(true)
                        .biasCorrection(true)
                        .build());
        for (Supplier<QuantizeOptions> way : ways) {
            progress.report(
                    "quantize", search.attempts.size(), ways.size(), search.best == null ? "" : search.describe());
            QuantizeOptions options = way.get();
            Quantized quantized = Quantizer.quantize(network, calibrationImages, options, progress);
            if (search.tell(options, quantized, accuracy.applyAsDouble(quantized.graph()))) {
                break;
            }
        }
        progress.report("quantize", ways.size(), ways.size(), search.describe());
        return new Outcome(
                search.quantized,
                floatAccuracy,
                search.best.accuracy(),
                search.best.accuracy() >= search.wanted,
                search.attempts);
    }

    private static QuantizeOptions calibrated(QuantizeOptions base, Calibration calibration) {
        return base.toBuilder().calibration(calibration).build();
    }

    /** The best attempt so far. */
    private static final class Search {
        private final double wanted;
        private final List<Attempt> attempts = new ArrayList<>();
        private Attempt best;
        private Quantized quantized;

        private Search(double wanted) {
            this.wanted = wanted;
        }

        /** @return whether the goal is reached */
        private boolean tell(QuantizeOptions options, Quantized result, double accuracy) {
            Attempt attempt = new Attempt(options, accuracy);
            attempts.add(attempt);
            if (best == null || accuracy > best.accuracy()) {
                best = attempt;
                quantized = result;
            }
            return accuracy >= wanted;
        }

        private String describe() {
            return String.format(
                    Locale.ROOT, "%s: accuracy %.4f", best.options().calibration(), best.accuracy());
        }
    }
}
