package dev.limbeck.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** How the precisions of groups are chosen from what each costs and loses: the losses of a network are taken to be the sum of its groups'. */
public enum MixedSearch {
    /** The least sum of losses for every cost, by a dynamic programme over the fronts of the first 1, 2, ... groups. */
    EXACT,
    /**
     * As AIMET's automatic mixed precision does it: all groups begin at the widest precision; then all others of all groups, by rising
     * loss, take their group's place where they are cheaper than what stands there.
     */
    GREEDY;

    /** The front of more groups is exact up to so many members; beyond, up to a share of the range of costs that is one by it. */
    private static final int MOST_STATES = 1 << 16;

    /** What a precision of one group costs and loses. */
    record Option(long cost, double loss) {}

    /**
     * One option for each group, by its position.
     *
     * @param cost of all together
     * @param loss of all together
     */
    record Selection(List<Integer> options, long cost, double loss) {
        Selection {
            options = List.copyOf(options);
        }
    }

    /**
     * @param groups the options of each, the widest first
     * @return by rising cost, of which each has another
     */
    List<Selection> selections(List<List<Option>> groups) {
        return switch (this) {
            case EXACT -> exact(groups);
            case GREEDY -> greedy(groups);
        };
    }

    private static List<Selection> greedy(List<List<Option>> groups) {
        record Step(int group, int option, Option of) {}
        List<Step> steps = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            for (int o = 1; o < groups.get(g).size(); o++) {
                steps.add(new Step(g, o, groups.get(g).get(o)));
            }
        }
        steps.sort(Comparator.comparingDouble((Step step) -> step.of.loss).thenComparingLong(step -> step.of.cost));
        Integer[] chosen = new Integer[groups.size()];
        Arrays.fill(chosen, 0);
        List<Selection> selections = new ArrayList<>(List.of(selection(chosen, groups)));
        for (Step step : steps) {
            if (step.of.cost < groups.get(step.group).get(chosen[step.group]).cost) {
                chosen[step.group] = step.option;
                selections.add(selection(chosen, groups));
            }
        }
        Collections.reverse(selections);
        return selections;
    }

    private static Selection selection(Integer[] chosen, List<List<Option>> groups) {
        long cost = 0;
        double loss = 0;
        for (int g = 0; g < chosen.length; g++) {
            cost += groups.get(g).get(chosen[g]).cost;
            loss += groups.get(g).get(chosen[g]).loss;
        }
        return new Selection(List.of(chosen), cost, loss);
    }

    /** One option for each of the first groups: what they cost and lose, the last option, and the state that it goes on from. */
    private record State(long cost, double loss, int last, State before) {

        Selection selection() {
            List<Integer> options = new ArrayList<>();
            for (State state = this; state.before != null; state = state.before) {
                options.add(state.last);
            }
            return new Selection(options.reversed(), cost, loss);
        }
    }

    /** What is dominated among the first groups stays so whatever comes after. */
    private static List<Selection> exact(List<List<Option>> groups) {
        List<State> front = List.of(new State(0, 0, 0, null));
        for (List<Option> options : groups) {
            List<State> grown = new ArrayList<>(front.size() * options.size());
            for (State state : front) {
                for (int o = 0; o < options.size(); o++) {
                    Option option = options.get(o);
                    grown.add(new State(state.cost + option.cost, state.loss + option.loss, o, state));
                }
            }
            front = thinned(undominated(grown));
        }
        return front.stream().map(State::selection).toList();
    }

    /** Rising in cost, falling in loss. */
    private static List<State> undominated(List<State> states) {
        states.sort(Comparator.comparingLong(State::cost).thenComparingDouble(State::loss));
        List<State> front = new ArrayList<>();
        for (State state : states) {
            if (front.isEmpty() || state.loss < front.getLast().loss) {
                front.add(state);
            }
        }
        return front;
    }

    /** Of states whose costs are nearly the same, the one that loses least, where there are too many; the cheapest always stays. */
    private static List<State> thinned(List<State> front) {
        if (front.size() <= MOST_STATES) {
            return front;
        }
        long least = front.getFirst().cost;
        double width = (double) (front.getLast().cost - least) / MOST_STATES;
        List<State> thinned = new ArrayList<>(List.of(front.getFirst()));
        for (State state : front.subList(1, front.size())) {
            boolean near = thinned.size() > 1
                    && (long) ((state.cost - least) / width) == (long) ((thinned.getLast().cost - least) / width);
            if (near) {
                thinned.removeLast();
            }
            thinned.add(state);
        }
        return thinned;
    }
}
