package dev.limbeck.search;

import java.util.List;

/**
 * A candidate of {@link Nsga2} with what its evaluation gave; plain data.
 *
 * @param genes one index per position, each below that position's cardinality
 * @param objectives all to be minimised; negate what is to be maximised
 * @param violation 0 where every constraint holds, else by how much they are broken in all
 */
public record Individual(List<Integer> genes, List<Double> objectives, double violation) {

    public Individual {
        genes = List.copyOf(genes);
        objectives = List.copyOf(objectives);
        if (objectives.stream().anyMatch(o -> o.isNaN()) || !(violation >= 0)) {
            throw new IllegalArgumentException("candidate " + genes + " has objectives " + objectives
                    + " and violation " + violation + "; numbers, and a violation of at least 0, are needed");
        }
    }

    /**
     * Constraint domination (Deb et al. 2002, section VI): a feasible candidate before one that is not, the smaller violation before
     * the larger, and among feasible ones Pareto domination.
     */
    public boolean dominates(Individual other) {
        if (violation > 0 || other.violation > 0) {
            return violation < other.violation;
        }
        boolean better = false;
        for (int i = 0; i < objectives.size(); i++) {
            double mine = objectives.get(i);
            double theirs = other.objectives.get(i);
            if (mine > theirs) {
                return false;
            }
            better |= mine < theirs;
        }
        return better;
    }
}
