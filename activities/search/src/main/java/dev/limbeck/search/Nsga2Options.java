package dev.limbeck.search;

import dev.limbeck.schemas.BadInputException;

/**
 * Settings of {@link Nsga2}.
 *
 * @param population candidates that survive a generation, and that one generation proposes
 * @param crossover how two parents are mixed
 * @param crossoverProbability share of the offspring that has two parents
 * @param mutationProbability chance that a gene is drawn anew; 0 for one gene a candidate in the mean (1/n)
 */
public record Nsga2Options(
        int population, Crossover crossover, double crossoverProbability, double mutationProbability) {

    /** How two parents are mixed. */
    public enum Crossover {
        /** Each gene from either parent with equal chance. */
        UNIFORM,
        /** A run of neighbouring genes from one parent, the others from the other. */
        TWO_POINT
    }

    public Nsga2Options {
        if (population < 2) {
            throw new BadInputException("search.population is " + population + "; give at least 2");
        }
        if (!(crossoverProbability >= 0 && crossoverProbability <= 1)
                || !(mutationProbability >= 0 && mutationProbability <= 1)) {
            throw new BadInputException("search: crossover probability " + crossoverProbability
                    + " and mutation probability " + mutationProbability + " must lie between 0 and 1");
        }
    }

    /** Population 100, uniform crossover of 90 %, one mutated gene in the mean. */
    public static Nsga2Options defaults() {
        return new Nsga2Options(100, Crossover.UNIFORM, 0.9, 0);
    }

    public Nsga2Options withPopulation(int size) {
        return new Nsga2Options(size, crossover, crossoverProbability, mutationProbability);
    }

    public Nsga2Options withCrossover(Crossover kind) {
        return new Nsga2Options(population, kind, crossoverProbability, mutationProbability);
    }
}
