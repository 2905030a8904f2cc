package dev.limbeck.search;

import java.util.List;

/**
 * Everything {@link Nsga2} knows; plain immutable data that can be written, read back and gone on from.
 *
 * <p>The random numbers of a generation follow from the seed and its number alone, so the generation is also the position of the
 * random generator.
 *
 * @param cardinalities number of values of each gene
 * @param generation generations told so far
 * @param initial genes that the first generation proposes besides random ones
 * @param population the survivors, best front first
 * @param evaluated every candidate ever told, in order; none of them is proposed again
 */
public record Nsga2State(
        List<Integer> cardinalities,
        Nsga2Options options,
        long seed,
        int generation,
        List<List<Integer>> initial,
        List<Individual> population,
        List<Individual> evaluated) {

    public Nsga2State {
        cardinalities = List.copyOf(cardinalities);
        initial = initial.stream().map(List::copyOf).toList();
        population = List.copyOf(population);
        evaluated = List.copyOf(evaluated);
    }
}
