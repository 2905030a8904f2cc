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
        boolean valid = violation >= 0;
        for (double objective : objectives) {
            valid &= !Double.isNaN(objective);
        }
        if (!valid) {
            throw new IllegalArgumentException("candidate " + genes + " has objectives " + objectives
                    + " and violation " + violation + "; numbers, and a violation of at least 0, are needed");
        }
    }

    /** Whether this one is better, by constraint domination (Deb et al. 2002, section VI). */
    public boolean dominates(Individual other) {
        return NondominatedSort.compare(
                        NondominatedSort.values(this), violation, NondominatedSort.values(other), other.violation)
                < 0;
    }
}
