package dev.limbeck.search;

import dev.limbeck.schemas.BadInputException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The true Pareto front of a space, to hold a search against. */
public final class ExactFront {

    /** Largest space that {@link #enumerate} walks through. */
    public static final long LIMIT = 10_000_000;

    private ExactFront() {}

    /** One architecture of the front: the index of each block's choice, its score (more is better) and its cost (less is better). */
    public record Solution(List<Integer> genes, double score, double cost) {

        public Solution {
            genes = List.copyOf(genes);
        }
    }

    /** What one choice of one block adds to the score (more is better) and to the cost (less is better). */
    public record Part(double score, double cost) {}

    /**
     * The front where score and cost are sums over the blocks: a dynamic programme over the fronts of the first 1, 2, … blocks.
     *
     * <p>Exact for spaces of any size: what is dominated among the first blocks stays so whatever comes after.
     *
     * @param parts for each block its choices
     * @return by ascending cost
     */
    public static List<Solution> additive(List<List<Part>> parts) {
        List<Solution> front = List.of(new Solution(List.of(), 0, 0));
        for (List<Part> choices : parts) {
            List<Solution> grown = new ArrayList<>(front.size() * choices.size());
            for (Solution solution : front) {
                for (int i = 0; i < choices.size(); i++) {
                    List<Integer> genes = new ArrayList<>(solution.genes());
                    genes.add(i);
                    Part part = choices.get(i);
                    grown.add(new Solution(genes, solution.score() + part.score(), solution.cost() + part.cost()));
                }
            }
            front = ParetoFront.of(grown, Solution::score, Solution::cost).members();
        }
        return front;
    }

    /**
     * The front of predicted accuracy against estimated latency: by the dynamic programme where the predictor is additive, else by
     * enumeration.
     *
     * @param noiseToSignal ratio of each block's choices
     * @param latency of each block's choices
     * @return by ascending latency; the score is the predicted accuracy, the cost the latency in milliseconds
     * @throws BadInputException if the predictor is not additive, and the space too large to be enumerated
     */
    public static List<Solution> of(
            AccuracyPredictor predictor, List<List<Double>> noiseToSignal, LatencyTable latency) {
        if (!predictor.additive()) {
            return enumerate(
                    noiseToSignal.stream().map(List::size).toList(),
                    genes -> predictor.predict(new Architecture(boxed(genes)).pick(noiseToSignal), List.of()),
                    genes -> latency.estimate(new Architecture(boxed(genes))));
        }
        List<List<Part>> parts = new ArrayList<>();
        for (int b = 0; b < noiseToSignal.size(); b++) {
            List<Part> choices = new ArrayList<>();
            for (int i = 0; i < noiseToSignal.get(b).size(); i++) {
                choices.add(new Part(
                        -predictor.contribution(b, noiseToSignal.get(b).get(i)),
                        latency.millis().get(b).get(i)));
            }
            parts.add(choices);
        }
        return additive(parts).stream()
                .map(s -> new Solution(
                        s.genes(),
                        AccuracyPredictor.accuracy(predictor.intercept() - s.score()),
                        s.cost() + latency.fixedMillis()))
                .toList();
    }

    private static List<Integer> boxed(int[] genes) {
        return Arrays.stream(genes).boxed().toList();
    }

    /** Whether {@link #enumerate} takes a space of these cardinalities. */
    public static boolean canEnumerate(List<Integer> cardinalities) {
        return size(cardinalities).compareTo(BigInteger.valueOf(LIMIT)) <= 0;
    }

    /**
     * The front of any score and cost, by trying every architecture.
     *
     * @param score and {@code cost} are called with an array that is written over afterwards; keep no reference to it
     * @return by ascending cost
     * @throws BadInputException if the space has more than {@link #LIMIT} architectures
     */
    public static List<Solution> enumerate(
            List<Integer> cardinalities, ToDoubleFunction<int[]> score, ToDoubleFunction<int[]> cost) {
        if (!canEnumerate(cardinalities)) {
            throw new BadInputException("the space has " + size(cardinalities) + " architectures, more than the "
                    + LIMIT + " that can be enumerated; use fewer choices, or a predictor of linear order");
        }
        int[] genes = new int[cardinalities.size()];
        List<Solution> kept = new ArrayList<>();
        int pruneAt = 4096;
        boolean more = true;
        while (more) {
            List<Integer> copy = boxed(genes);
            kept.add(new Solution(copy, score.applyAsDouble(genes), cost.applyAsDouble(genes)));
            if (kept.size() >= pruneAt) {
                kept = new ArrayList<>(
                        ParetoFront.of(kept, Solution::score, Solution::cost).members());
                pruneAt = kept.size() + 4096;
            }
            more = advance(genes, cardinalities);
        }
        return ParetoFront.of(kept, Solution::score, Solution::cost).members();
    }

    private static boolean advance(int[] genes, List<Integer> cardinalities) {
        for (int i = 0; i < genes.length; i++) {
            genes[i]++;
            if (genes[i] < cardinalities.get(i)) {
                return true;
            }
            genes[i] = 0;
        }
        return false;
    }

    private static BigInteger size(List<Integer> cardinalities) {
        return cardinalities.stream().map(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
    }
}
