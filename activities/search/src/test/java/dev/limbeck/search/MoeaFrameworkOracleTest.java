package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.moeaframework.algorithm.NSGAII;
import org.moeaframework.core.PRNG;
import org.moeaframework.core.Solution;
import org.moeaframework.core.attribute.CrowdingDistance;
import org.moeaframework.core.attribute.Rank;
import org.moeaframework.core.population.NondominatedSorting;
import org.moeaframework.core.population.Population;
import org.moeaframework.core.variable.BinaryIntegerVariable;
import org.moeaframework.problem.AbstractProblem;

/** NSGA-II against that of the MOEA Framework. */
class MoeaFrameworkOracleTest {

    private static final int POPULATION = 50;
    private static final int GENERATIONS = 30;

    private record Point(double score, double cost) {}

    private static final class TableProblem extends AbstractProblem {

        private final TableSpace space;

        TableProblem(TableSpace space) {
            super(space.parts().size(), 2);
            this.space = space;
        }

        @Override
        public Solution newSolution() {
            Solution solution = new Solution(space.parts().size(), 2);
            for (int b = 0; b < space.parts().size(); b++) {
                solution.setVariable(
                        b, new BinaryIntegerVariable(0, space.parts().get(b).size() - 1));
            }
            return solution;
        }

        @Override
        public void evaluate(Solution solution) {
            List<Integer> genes = Arrays.stream(BinaryIntegerVariable.getInt(solution))
                    .boxed()
                    .toList();
            solution.setObjectiveValue(0, -space.score(genes));
            solution.setObjectiveValue(1, space.cost(genes));
        }
    }

    @Test
    void reachesAtLeastItsHypervolumeWithAsManyEvaluations() {
        TableSpace space = TableSpace.random(8, 16, 11);
        double ours = 0;
        double theirs = 0;
        for (int seed = 0; seed < 3; seed++) {
            Nsga2State state = Nsga2.start(
                    space.cardinalities(), Nsga2Options.defaults().withPopulation(POPULATION), seed, List.of());
            for (int i = 0; i < GENERATIONS; i++) {
                state = Nsga2.tell(
                        state, Nsga2.ask(state).stream().map(space::evaluate).toList());
            }
            ours += share(
                    space,
                    Nsga2.front(state).stream()
                            .map(i -> new Point(
                                    -i.objectives().get(0), i.objectives().get(1)))
                            .toList());
            PRNG.setSeed(seed);
            NSGAII oracle = new NSGAII(new TableProblem(space));
            oracle.setInitialPopulationSize(POPULATION);
            oracle.run(POPULATION * GENERATIONS);
            theirs += share(
                    space,
                    IntStream.range(0, oracle.getResult().size())
                            .mapToObj(i -> oracle.getResult().get(i))
                            .map(s -> new Point(-s.getObjectiveValue(0), s.getObjectiveValue(1)))
                            .toList());
        }

        assertThat(ours / 3).isGreaterThanOrEqualTo(theirs / 3 - 0.01);
    }

    @Test
    void ranksAndCrowdingDistancesAreItsOwn() {
        Random random = new Random(2);
        Population population = new Population();
        List<Individual> individuals = random.doubles(60)
                .mapToObj(x -> new Individual(List.of(), List.of(x, random.nextDouble()), 0))
                .toList();
        for (Individual individual : individuals) {
            Solution solution = new Solution(0, 2);
            solution.setObjectiveValue(0, individual.objectives().get(0));
            solution.setObjectiveValue(1, individual.objectives().get(1));
            population.add(solution);
        }
        new NondominatedSorting().evaluate(population);

        List<int[]> fronts = NondominatedSort.fronts(individuals);

        for (int rank = 0; rank < fronts.size(); rank++) {
            double[] crowding = NondominatedSort.crowding(individuals, fronts.get(rank));
            for (int i = 0; i < crowding.length; i++) {
                Solution solution = population.get(fronts.get(rank)[i]);
                assertThat(Rank.getAttribute(solution) - Rank.BEST_RANK).isEqualTo(rank);
                double expected = CrowdingDistance.getAttribute(solution);
                if (Double.isInfinite(expected)) {
                    assertThat(crowding[i]).isInfinite();
                } else {
                    assertThat(crowding[i]).isCloseTo(expected, within(1e-9));
                }
            }
        }
    }

    private static double share(TableSpace space, List<Point> reached) {
        List<ExactFront.Solution> exact = ExactFront.additive(space.parts());
        double worstScore = exact.getFirst().score();
        double worstCost = exact.getLast().cost();
        return Hypervolume.of(reached, Point::score, Point::cost, worstScore, worstCost)
                / Hypervolume.of(exact, ExactFront.Solution::score, ExactFront.Solution::cost, worstScore, worstCost);
    }
}
