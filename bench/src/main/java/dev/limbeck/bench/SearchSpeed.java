package dev.limbeck.bench;

import dev.limbeck.search.ExactFront;
import dev.limbeck.search.Hypervolume;
import dev.limbeck.search.Individual;
import dev.limbeck.search.Nsga2;
import dev.limbeck.search.Nsga2Options;
import dev.limbeck.search.Nsga2State;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Seconds that NSGA-II takes for 10,000 evaluations of a table objective, first in a cold JVM and then repeated, and the share of the
 * exact front's hypervolume that it reaches. The bar is 1 s.
 */
public final class SearchSpeed {

    private static final int BLOCKS = 5;
    private static final int CHOICES = 96;
    private static final int GENERATIONS = 100;
    private static final int REPETITIONS = 5;

    private SearchSpeed() {}

    public static void main(String[] arguments) {
        run(System.out);
    }

    static void run(PrintStream out) {
        List<List<ExactFront.Part>> table = table(new SplittableRandom(1));
        for (int i = 0; i < REPETITIONS; i++) {
            long start = System.nanoTime();
            Nsga2State state =
                    Nsga2.start(table.stream().map(List::size).toList(), Nsga2Options.defaults(), i, List.of());
            for (int generation = 0; generation < GENERATIONS; generation++) {
                state = Nsga2.tell(
                        state,
                        Nsga2.ask(state).stream().map(g -> evaluate(table, g)).toList());
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            out.printf(
                    "run %d: %,d evaluations in %.3f s, %.2f %% of the exact front's hypervolume%n",
                    i + 1, state.evaluated().size(), seconds, 100 * share(table, state));
        }
    }

    private static List<List<ExactFront.Part>> table(SplittableRandom random) {
        List<List<ExactFront.Part>> table = new ArrayList<>();
        for (int b = 0; b < BLOCKS; b++) {
            List<ExactFront.Part> parts = new ArrayList<>();
            for (int i = 0; i < CHOICES; i++) {
                double cost = 0.2 + random.nextDouble();
                parts.add(new ExactFront.Part(Math.log(cost) + random.nextDouble(), cost));
            }
            table.add(parts);
        }
        return table;
    }

    private static Individual evaluate(List<List<ExactFront.Part>> table, List<Integer> genes) {
        double score = 0;
        double cost = 0;
        for (int b = 0; b < genes.size(); b++) {
            ExactFront.Part part = table.get(b).get(genes.get(b));
            score += part.score();
            cost += part.cost();
        }
        return new Individual(genes, List.of(-score, cost), 0);
    }

    private static double share(List<List<ExactFront.Part>> table, Nsga2State state) {
        List<ExactFront.Solution> exact = ExactFront.additive(table);
        double worstScore = exact.getFirst().score();
        double worstCost = exact.getLast().cost();
        return Hypervolume.of(
                        Nsga2.front(state),
                        i -> -i.objectives().get(0),
                        i -> i.objectives().get(1),
                        worstScore,
                        worstCost)
                / Hypervolume.of(exact, ExactFront.Solution::score, ExactFront.Solution::cost, worstScore, worstCost);
    }
}
