package dev.limbeck.search;

import dev.limbeck.schemas.BadInputException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * NSGA-II (Deb et al. 2002) over integer genes, as ask and tell: whoever calls evaluates the candidates, wherever and whenever.
 *
 * <p>Both are pure functions of the state: {@link #ask} always proposes the same candidates for the same state, so a search that
 * died is gone on with by asking again. No candidate is proposed twice in a search.
 *
 * <pre>{@code
 * Nsga2State state = Nsga2.start(List.of(12, 12, 12), Nsga2Options.defaults(), 1, List.of());
 * for (int generation = 0; generation < 20; generation++) {
 *     List<List<Integer>> asked = Nsga2.ask(state);
 *     state = Nsga2.tell(state, asked.stream().map(this::evaluate).toList());
 * }
 * List<Individual> front = Nsga2.front(state);
 * }</pre>
 */
public final class Nsga2 {

    /** Draws that may turn out to be known already, per offspring, before new genes are drawn at random. */
    private static final int TRIES = 20;

    private Nsga2() {}

    /**
     * A search that has not evaluated anything yet.
     *
     * @param cardinalities number of values of each gene, at least 1
     * @param initial candidates to propose first, such as the reference itself; may be empty
     * @throws BadInputException if there are no genes, or a gene has no value
     */
    public static Nsga2State start(
            List<Integer> cardinalities, Nsga2Options options, long seed, List<List<Integer>> initial) {
        if (cardinalities.isEmpty() || cardinalities.stream().anyMatch(c -> c < 1)) {
            throw new BadInputException("the search space has blocks with " + cardinalities
                    + " choices; there must be at least one block, and one choice for each");
        }
        for (List<Integer> genes : initial) {
            check(cardinalities, genes);
        }
        return new Nsga2State(cardinalities, options, seed, 0, initial, List.of(), List.of());
    }

    /**
     * The next generation's candidates, all different and none evaluated before.
     *
     * @return as many as the population; fewer where the space holds no more, and none once all of it is evaluated
     */
    public static List<List<Integer>> ask(Nsga2State state) {
        SplittableRandom random = new SplittableRandom(mix(state.seed(), state.generation()));
        Set<List<Integer>> known = known(state);
        BigInteger left = size(state.cardinalities()).subtract(BigInteger.valueOf(known.size()));
        int wanted = left.min(BigInteger.valueOf(state.options().population())).intValueExact();
        List<List<Integer>> asked = new ArrayList<>();
        if (state.generation() == 0) {
            for (List<Integer> genes : state.initial()) {
                if (asked.size() < wanted && known.add(genes)) {
                    asked.add(genes);
                }
            }
        }
        Selection selection = state.population().isEmpty() ? null : new Selection(state.population());
        while (asked.size() < wanted) {
            asked.add(fresh(state, selection, random, known));
        }
        return List.copyOf(asked);
    }

    /**
     * The state after a generation: the best of the population and the new candidates survive.
     *
     * @param evaluations of the candidates that {@link #ask} gave; some may be missing (failed), and others may have been added
     */
    public static Nsga2State tell(Nsga2State state, List<Individual> evaluations) {
        Set<List<Integer>> known = known(state);
        List<Individual> merged = new ArrayList<>(state.population());
        List<Individual> evaluated = new ArrayList<>(state.evaluated());
        for (Individual evaluation : evaluations) {
            check(state.cardinalities(), evaluation.genes());
            if (known.add(evaluation.genes())) {
                merged.add(evaluation);
                evaluated.add(evaluation);
            }
        }
        return new Nsga2State(
                state.cardinalities(),
                state.options(),
                state.seed(),
                state.generation() + 1,
                state.initial(),
                survivors(merged, state.options().population()),
                evaluated);
    }

    /** The feasible candidates of the whole search that no other dominates, by the first objective; one for equal objectives. */
    public static List<Individual> front(Nsga2State state) {
        Set<List<Double>> seen = new HashSet<>();
        List<Individual> front = new ArrayList<>();
        for (Individual candidate : state.evaluated()) {
            if (candidate.violation() > 0 || !seen.add(candidate.objectives())) {
                continue;
            }
            if (front.stream().noneMatch(i -> i.dominates(candidate))) {
                front.removeIf(candidate::dominates);
                front.add(candidate);
            }
        }
        front.sort(Comparator.comparingDouble(i -> i.objectives().getFirst()));
        return List.copyOf(front);
    }

    private static Set<List<Integer>> known(Nsga2State state) {
        Set<List<Integer>> known =
                HashSet.newHashSet(state.evaluated().size() + state.options().population());
        for (Individual individual : state.evaluated()) {
            known.add(individual.genes());
        }
        return known;
    }

    private static List<Individual> survivors(List<Individual> merged, int count) {
        List<Individual> kept = new ArrayList<>();
        for (int[] front : NondominatedSort.fronts(merged)) {
            if (kept.size() == count) {
                break;
            }
            double[] crowding = NondominatedSort.crowding(merged, front);
            IntStream.range(0, front.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -crowding[i]))
                    .limit(count - kept.size())
                    .forEach(i -> kept.add(merged.get(front[i])));
        }
        return kept;
    }

    private static List<Integer> fresh(
            Nsga2State state, Selection selection, SplittableRandom random, Set<List<Integer>> known) {
        for (int i = 0; i < TRIES; i++) {
            List<Integer> genes = selection == null ? uniform(state, random) : offspring(state, selection, random);
            if (known.add(genes)) {
                return genes;
            }
        }
        // Nearly everything around is known: walk on from a random place to the next candidate that is not.
        int[] genes =
                uniform(state, random).stream().mapToInt(Integer::intValue).toArray();
        while (true) {
            List<Integer> candidate = Arrays.stream(genes).boxed().toList();
            if (known.add(candidate)) {
                return candidate;
            }
            for (int i = 0; i < genes.length; i++) {
                genes[i] = (genes[i] + 1) % state.cardinalities().get(i);
                if (genes[i] != 0) {
                    break;
                }
            }
        }
    }

    private static List<Integer> uniform(Nsga2State state, SplittableRandom random) {
        return state.cardinalities().stream().map(random::nextInt).toList();
    }

    private static List<Integer> offspring(Nsga2State state, Selection selection, SplittableRandom random) {
        List<Integer> first = selection.tournament(random);
        List<Integer> second = selection.tournament(random);
        int count = first.size();
        Integer[] genes = first.toArray(Integer[]::new);
        if (random.nextDouble() < state.options().crossoverProbability()) {
            switch (state.options().crossover()) {
                case UNIFORM -> {
                    for (int i = 0; i < count; i++) {
                        genes[i] = random.nextBoolean() ? first.get(i) : second.get(i);
                    }
                }
                case TWO_POINT -> {
                    int one = random.nextInt(count + 1);
                    int other = random.nextInt(count + 1);
                    for (int i = Math.min(one, other); i < Math.max(one, other); i++) {
                        genes[i] = second.get(i);
                    }
                }
            }
        }
        double rate = state.options().mutationProbability();
        double chance = rate > 0 ? rate : 1.0 / count;
        for (int i = 0; i < count; i++) {
            int values = state.cardinalities().get(i);
            if (values > 1 && random.nextDouble() < chance) {
                genes[i] = (genes[i] + 1 + random.nextInt(values - 1)) % values;
            }
        }
        return List.of(genes);
    }

    private static void check(List<Integer> cardinalities, List<Integer> genes) {
        boolean valid = genes.size() == cardinalities.size()
                && IntStream.range(0, genes.size())
                        .allMatch(i -> genes.get(i) >= 0 && genes.get(i) < cardinalities.get(i));
        if (!valid) {
            throw new IllegalArgumentException("genes " + genes + " do not fit the cardinalities " + cardinalities);
        }
    }

    private static BigInteger size(List<Integer> cardinalities) {
        return cardinalities.stream().map(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
    }

    // The finalizer of SplitMix64: neighbouring generations get unrelated random numbers.
    private static long mix(long seed, long generation) {
        long z = seed + (generation + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Binary tournament by front and crowding distance. */
    private static final class Selection {

        private final List<Individual> population;
        private final int[] rank;
        private final double[] crowding;

        Selection(List<Individual> population) {
            this.population = population;
            rank = new int[population.size()];
            crowding = new double[population.size()];
            List<int[]> fronts = NondominatedSort.fronts(population);
            for (int r = 0; r < fronts.size(); r++) {
                int[] front = fronts.get(r);
                double[] distances = NondominatedSort.crowding(population, front);
                for (int i = 0; i < front.length; i++) {
                    rank[front[i]] = r;
                    crowding[front[i]] = distances[i];
                }
            }
        }

        List<Integer> tournament(SplittableRandom random) {
            int a = random.nextInt(population.size());
            int b = random.nextInt(population.size());
            boolean first = rank[a] != rank[b] ? rank[a] < rank[b] : crowding[a] >= crowding[b];
            return population.get(first ? a : b).genes();
        }
    }
}
