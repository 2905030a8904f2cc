package dev.limbeck.compress;

import dev.limbeck.compress.RatioSelection.Candidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Looks for the choice, by what single units cost and lose, whose whole network meets the ratio: single units' savings overlap. */
final class RatioSearch {

    /** Of the budget of single units' costs. */
    private static final int HALVINGS = 12;

    /** Of a budget of latency, which is not known to the thousandth, and each costs a measurement. */
    private static final int MEASURED_HALVINGS = 6;

    private static final int MOST_ROUNDS = 8;

    private final List<List<Candidate>> units;
    private final CompressOptions options;
    private final double whole;
    private final ToDoubleFunction<Map<String, Integer>> share;
    private final Map<Map<String, Integer>, Double> known = new HashMap<>();

    /**
     * @param units the candidates of each unit, the last one the unit as it is
     * @param whole cost of the network as it is
     * @param share of it that is left where units are compressed so far
     */
    RatioSearch(
            List<List<Candidate>> units,
            CompressOptions options,
            double whole,
            ToDoubleFunction<Map<String, Integer>> share) {
        this.units = units;
        this.options = options;
        this.whole = whole;
        this.share = share;
    }

    /** The cheapest of all where none meets the ratio. */
    List<Candidate> best() {
        return choose(units)
                .map(this::chosenAgain)
                .orElseGet(() -> units.stream().map(RatioSelection::cheapest).toList());
    }

    /** Share of the whole network's cost. A latency that is measured again is another one: a choice keeps its first figure. */
    double left(List<Candidate> choice) {
        return known.computeIfAbsent(kept(choice), share::applyAsDouble);
    }

    /** Seeks the largest budget for single units by which the whole network meets the ratio. */
    private Optional<List<Candidate>> choose(List<List<Candidate>> costed) {
        double most = costed.stream().mapToDouble(unit -> unit.getLast().cost()).sum();
        // right where savings add up
        double low = most - (1 - options.ratio()) * whole;
        double high = most;
        Optional<List<Candidate>> best = within(costed, low);
        if (best.isEmpty()) {
            high = low;
            low = 0;
            best = within(costed, low);
        }
        int halvings = options.cost() == NetworkCost.MACS ? HALVINGS : MEASURED_HALVINGS;
        for (int i = 0; i < halvings && best.isPresent(); i++) {
            double budget = (low + high) / 2;
            Optional<List<Candidate>> tried = within(costed, budget);
            if (tried.isPresent()) {
                best = tried;
                low = budget;
            } else {
                high = budget;
            }
        }
        return best;
    }

    private Optional<List<Candidate>> within(List<List<Candidate>> costed, double budget) {
        return options.selection().choose(costed, budget).filter(choice -> left(choice) <= options.ratio());
    }

    /**
     * Chooses again, by what each unit's candidates cost where the others are compressed as they were chosen, until the choice repeats:
     * channels that are gone already save nothing in the layers that read them. Not for latencies, of which each is a measurement.
     */
    private List<Candidate> chosenAgain(List<Candidate> first) {
        List<Candidate> best = first;
        List<Candidate> last = first;
        boolean repeats = options.cost() != NetworkCost.MACS || options.selection() != RatioSelection.EXACT;
        for (int round = 0; round < MOST_ROUNDS && !repeats; round++) {
            List<Candidate> next = choose(costsAround(last)).map(this::asGiven).orElse(last);
            repeats = kept(next).equals(kept(last));
            last = next;
            if (loss(last) < loss(best)) {
                best = last;
            }
        }
        return best;
    }

    private List<List<Candidate>> costsAround(List<Candidate> choice) {
        List<List<Candidate>> around = new ArrayList<>();
        for (int u = 0; u < units.size(); u++) {
            List<Candidate> one = new ArrayList<>(choice);
            List<Candidate> unit = new ArrayList<>();
            for (Candidate candidate : units.get(u)) {
                one.set(u, candidate);
                unit.add(candidate.withCost(whole * left(one)));
            }
            around.add(offset(unit));
        }
        return around;
    }

    /** The same candidates, costing what they were said to cost. */
    private List<Candidate> asGiven(List<Candidate> choice) {
        List<Candidate> given = new ArrayList<>();
        for (int u = 0; u < units.size(); u++) {
            int kept = choice.get(u).kept();
            given.add(units.get(u).stream()
                    .filter(c -> c.kept() == kept)
                    .findFirst()
                    .orElseThrow());
        }
        return given;
    }

    private double loss(List<Candidate> choice) {
        double loss = 0;
        for (int u = 0; u < units.size(); u++) {
            loss += choice.get(u).loss(units.get(u).getLast());
        }
        return loss;
    }

    /** Costs below 0 become costs from 0 on: what the unit costs more than in its smallest form. */
    static List<Candidate> offset(List<Candidate> unit) {
        double least = RatioSelection.cheapest(unit).cost();
        return unit.stream().map(c -> c.withCost(c.cost() - least)).toList();
    }

    /** What is compressed by a choice, and how far: rank, or number of channels. */
    static Map<String, Integer> kept(List<Candidate> chosen) {
        Map<String, Integer> kept = new LinkedHashMap<>();
        for (Candidate candidate : chosen) {
            if (candidate.ratio() < 1) {
                kept.put(candidate.unit(), candidate.kept());
            }
        }
        return kept;
    }
}
