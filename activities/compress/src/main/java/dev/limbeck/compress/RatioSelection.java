package dev.limbeck.compress;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** How much of each unit is kept, so that together they cost no more than a budget. */
public enum RatioSelection {
    /** Every unit keeps the same share: the largest that meets the budget. */
    UNIFORM,
    /**
     * As AIMET does it: the highest score such that, when each unit is compressed as far as its score stays at or above it, the budget is
     * met.
     */
    GREEDY,
    /** The least sum of losses of score that meets the budget, by a dynamic programme over costs. */
    EXACT;

    /** The dynamic programme is exact up to so many states a unit; beyond, up to a share of the budget that is one by it. */
    private static final int MOST_STATES = 20_000;

    private static final double ROUNDING = 1e-12;

    /**
     * One way to compress one unit.
     *
     * @param unit its name
     * @param ratio share that is kept, from 0 to 1; 1 for the unit as it is
     * @param kept rank, or number of channels
     * @param cost of the unit so compressed, in whatever the budget is in
     * @param score of the network where only this unit is compressed, and so; larger is better
     */
    public record Candidate(String unit, double ratio, int kept, double cost, double score) {

        /** @throws BadInputException if cost or score is no finite number: it would be neither better nor worse than another */
        public Candidate {
            if (!Double.isFinite(cost) || !Double.isFinite(score)) {
                throw new BadInputException(
                        "layer '%s' at %.0f %% has the cost %s and the score %s; give finite numbers"
                                .formatted(unit, 100 * ratio, cost, score));
            }
        }

        Candidate withCost(double value) {
            return new Candidate(unit, ratio, kept, value, score);
        }

        /** Of score, as against the unit as it is; a network that is better for being compressed is so by chance. */
        double loss(Candidate whole) {
            return Math.max(0, whole.score - score);
        }
    }

    /**
     * @param units the candidates of each unit; one of them is the unit as it is
     * @param budget of the sum of their costs
     * @return one candidate a unit; empty where even the cheapest cost more
     */
    public Optional<List<Candidate>> choose(List<List<Candidate>> units, double budget) {
        double least = units.stream().mapToDouble(unit -> cheapest(unit).cost()).sum();
        if (least > budget * (1 + ROUNDING)) {
            return Optional.empty();
        }
        return switch (this) {
            case UNIFORM -> Optional.of(uniform(units, budget));
            case GREEDY -> Optional.of(greedy(units, budget));
            case EXACT -> Optional.of(exact(units, budget));
        };
    }

    static Candidate cheapest(List<Candidate> unit) {
        return unit.stream().min(Comparator.comparingDouble(Candidate::cost)).orElseThrow();
    }

    private static List<Candidate> uniform(List<List<Candidate>> units, double budget) {
        TreeSet<Double> ratios = new TreeSet<>(Comparator.reverseOrder());
        units.forEach(unit -> unit.forEach(candidate -> ratios.add(candidate.ratio())));
        for (double ratio : ratios) {
            List<Candidate> chosen = units.stream()
                    .map(unit -> unit.stream()
                            .filter(candidate -> candidate.ratio() <= ratio)
                            .max(Comparator.comparingDouble(Candidate::ratio))
                            .orElseGet(() -> cheapest(unit)))
                    .toList();
            if (cost(chosen) <= budget) {
                return chosen;
            }
        }
        return units.stream().map(RatioSelection::cheapest).toList();
    }

    private static List<Candidate> greedy(List<List<Candidate>> units, double budget) {
        TreeSet<Double> thresholds = new TreeSet<>(Comparator.reverseOrder());
        units.forEach(unit -> unit.forEach(candidate -> thresholds.add(candidate.score())));
        for (double threshold : thresholds) {
            List<Candidate> chosen = units.stream()
                    .map(unit -> unit.stream()
                            .filter(candidate -> candidate.score() >= threshold)
                            .min(Comparator.comparingDouble(Candidate::cost))
                            .orElseGet(() -> whole(unit)))
                    .toList();
            if (cost(chosen) <= budget) {
                return chosen;
            }
        }
        return units.stream().map(RatioSelection::cheapest).toList();
    }

    private static Candidate whole(List<Candidate> unit) {
        return unit.stream().max(Comparator.comparingDouble(Candidate::ratio)).orElseThrow();
    }

    /** One choice for each of the first units: what is spent, what is lost, and the choice that it goes on from. */
    private record State(double cost, double loss, Candidate last, State before) {}

    private static List<Candidate> exact(List<List<Candidate>> units, double budget) {
        List<State> states = List.of(new State(0, 0, null, null));
        double rest = units.stream().mapToDouble(unit -> cheapest(unit).cost()).sum();
        for (List<Candidate> unit : units) {
            rest -= cheapest(unit).cost();
            Candidate whole = whole(unit);
            List<State> next = new ArrayList<>();
            for (State state : states) {
                for (Candidate candidate : unit) {
                    double cost = state.cost + candidate.cost();
                    if (cost + rest <= budget * (1 + ROUNDING)) {
                        next.add(new State(cost, state.loss + candidate.loss(whole), candidate, state));
                    }
                }
            }
            states = thinned(undominated(next), budget);
        }
        LinkedList<Candidate> chosen = new LinkedList<>();
        for (State state = states.getLast(); state.last != null; state = state.before) {
            chosen.addFirst(state.last);
        }
        return chosen;
    }

    /** Rising in cost, falling in loss. */
    private static List<State> undominated(List<State> states) {
        states.sort(Comparator.comparingDouble(State::cost).thenComparingDouble(State::loss));
        List<State> front = new ArrayList<>();
        for (State state : states) {
            if (front.isEmpty() || state.loss < front.getLast().loss) {
                front.add(state);
            }
        }
        return front;
    }

    /** Of states whose costs are nearly the same, the one that loses least, where there are too many; the cheapest always stays. */
    private static List<State> thinned(List<State> front, double budget) {
        if (front.size() <= MOST_STATES) {
            return front;
        }
        List<State> thinned = new ArrayList<>(List.of(front.getFirst()));
        for (State state : front.subList(1, front.size())) {
            boolean near = thinned.size() > 1
                    && (long) (state.cost / budget * MOST_STATES)
                            == (long) (thinned.getLast().cost / budget * MOST_STATES);
            if (near) {
                thinned.removeLast();
            }
            thinned.add(state);
        }
        return thinned;
    }

    static double cost(List<Candidate> chosen) {
        return chosen.stream().mapToDouble(Candidate::cost).sum();
    }
}
