package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.BadInputException;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class Nsga2Test {

    private static final TableSpace SPACE = TableSpace.random(4, 18, 7);

    private static Nsga2State search(
            TableSpace space, Nsga2Options options, long seed, int generations, Function<List<Integer>, Individual> f) {
        Nsga2State state = Nsga2.start(space.cardinalities(), options, seed, List.of());
        for (int i = 0; i < generations; i++) {
            state = Nsga2.tell(state, Nsga2.ask(state).stream().map(f).toList());
        }
        return state;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void reachesTheExactFrontOfASpaceOfHundredThousand(long seed) {
        Nsga2State state = search(SPACE, Nsga2Options.defaults().withPopulation(48), seed, 40, SPACE::evaluate);

        assertThat(share(SPACE, state)).isGreaterThanOrEqualTo(0.99);
        assertThat(state.evaluated()).hasSize(48 * 40);
    }

    @ParameterizedTest
    @EnumSource(Nsga2Options.Crossover.class)
    void beatsRandomSearchWithEitherCrossover(Nsga2Options.Crossover crossover) {
        TableSpace space = TableSpace.random(10, 18, 3);
        Nsga2Options options = Nsga2Options.defaults().withPopulation(50).withCrossover(crossover);
        Nsga2State random = Nsga2.start(space.cardinalities(), options.withPopulation(2000), 5, List.of());
        random = Nsga2.tell(
                random, Nsga2.ask(random).stream().map(space::evaluate).toList());

        double reached = share(space, search(space, options, 5, 40, space::evaluate));

        assertThat(reached).isGreaterThan(share(space, random) + 0.1);
    }

    private static double share(TableSpace space, Nsga2State state) {
        List<ExactFront.Solution> exact = ExactFront.additive(space.parts());
        double worstScore = exact.getFirst().score();
        double worstCost = exact.getLast().cost();
        double best =
                Hypervolume.of(exact, ExactFront.Solution::score, ExactFront.Solution::cost, worstScore, worstCost);
        double reached = Hypervolume.of(
                Nsga2.front(state),
                i -> -i.objectives().get(0),
                i -> i.objectives().get(1),
                worstScore,
                worstCost);
        return reached / best;
    }

    @Test
    void sameSeedGivesTheSameSearchAndAnotherSeedAnother() {
        Nsga2Options options = Nsga2Options.defaults().withPopulation(12);
        Nsga2State once = search(SPACE, options, 11, 5, SPACE::evaluate);

        assertThat(search(SPACE, options, 11, 5, SPACE::evaluate)).isEqualTo(once);
        assertThat(search(SPACE, options, 12, 5, SPACE::evaluate).evaluated()).isNotEqualTo(once.evaluated());
    }

    @Test
    void goesOnFromAStateThatWasWrittenAndReadBack() throws Exception {
        Nsga2Options options = Nsga2Options.defaults().withPopulation(12);
        Nsga2State state = search(SPACE, options, 4, 3, SPACE::evaluate);
        ObjectMapper json = new ObjectMapper();

        Nsga2State read = json.readValue(json.writeValueAsString(state), Nsga2State.class);

        assertThat(read).isEqualTo(state);
        assertThat(Nsga2.ask(read)).isEqualTo(Nsga2.ask(state));
    }

    @Test
    void neverProposesACandidateTwiceAndEndsWhenTheSpaceIsKnown() {
        TableSpace small = TableSpace.random(3, 4, 1);
        Nsga2State state = search(small, Nsga2Options.defaults().withPopulation(10), 1, 7, small::evaluate);

        assertThat(new HashSet<>(
                        state.evaluated().stream().map(Individual::genes).toList()))
                .hasSize(64);
        assertThat(state.evaluated()).hasSize(64);
        assertThat(Nsga2.ask(state)).isEmpty();
        assertThat(Nsga2.front(state))
                .extracting(Individual::genes)
                .containsExactlyInAnyOrderElementsOf(ExactFront.additive(small.parts()).stream()
                        .map(ExactFront.Solution::genes)
                        .toList());
    }

    @Test
    void proposesTheGivenCandidatesFirst() {
        List<List<Integer>> initial = List.of(List.of(0, 0, 0, 0), List.of(17, 0, 3, 5));

        Nsga2State state =
                Nsga2.start(SPACE.cardinalities(), Nsga2Options.defaults().withPopulation(6), 1, initial);

        assertThat(Nsga2.ask(state)).hasSize(6).startsWith(initial.get(0), initial.get(1));
    }

    @Test
    void findsFeasibleCandidatesUnderAHardLimit() {
        double limit = ExactFront.additive(SPACE.parts()).getFirst().cost() * 1.2;
        Nsga2State state = search(
                SPACE,
                Nsga2Options.defaults().withPopulation(30),
                1,
                30,
                genes -> new Individual(
                        genes,
                        List.of(-SPACE.score(genes), SPACE.cost(genes)),
                        Math.max(0, SPACE.cost(genes) - limit)));

        assertThat(Nsga2.front(state)).isNotEmpty().allMatch(i -> i.objectives().get(1) <= limit);
        assertThat(state.population()).filteredOn(i -> i.violation() == 0).hasSizeGreaterThan(5);
    }

    @Test
    void refusesAnEmptySpaceAndForeignGenes() {
        assertThatThrownBy(() -> Nsga2.start(List.of(3, 0), Nsga2Options.defaults(), 1, List.of()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("[3, 0]");
        Nsga2State state = Nsga2.start(List.of(3, 3), Nsga2Options.defaults(), 1, List.of());
        assertThatThrownBy(() -> Nsga2.tell(state, List.of(new Individual(List.of(0, 3), List.of(1.0), 0))))
                .hasMessageContaining("[0, 3]");
    }
}
