package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.quantize.MixedSearch.Option;
import dev.limbeck.quantize.MixedSearch.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MixedSearchTest {

    /** Of all that there are, for every budget. */
    @Property(tries = 100)
    void exactIsTheBestThereIs(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int groups) {
        List<List<Option>> options = random(seed, groups, 4);
        List<Selection> all = everything(options);
        List<Selection> front = MixedSearch.EXACT.selections(options);
        List<Selection> expected = new ArrayList<>();
        all.stream()
                .sorted(Comparator.comparingLong(Selection::cost).thenComparingDouble(Selection::loss))
                .filter(s -> expected.isEmpty() || s.loss() < expected.getLast().loss())
                .forEach(expected::add);
        assertThat(front)
                .extracting(Selection::cost)
                .isEqualTo(expected.stream().map(Selection::cost).toList());
        assertThat(front)
                .extracting(Selection::loss)
                .isEqualTo(expected.stream().map(Selection::loss).toList());
    }

    @Property(tries = 100)
    void selectionsAreWhatTheySay(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int groups, @ForAll MixedSearch search) {
        List<List<Option>> options = random(seed, groups, 3);
        List<Selection> selections = search.selections(options);
        assertThat(selections).isSortedAccordingTo(Comparator.comparingLong(Selection::cost));
        assertThat(selections.stream().map(Selection::cost)).doesNotHaveDuplicates();
        for (Selection selection : selections) {
            Selection counted = selection(options, selection.options());
            assertThat(selection.cost()).isEqualTo(counted.cost());
            assertThat(selection.loss()).isCloseTo(counted.loss(), within(1e-12));
        }
    }

    @Property(tries = 100)
    void exactNeverLosesMoreThanGreedyAtItsCost(@ForAll long seed, @ForAll @IntRange(min = 1, max = 25) int groups) {
        List<List<Option>> options = random(seed, groups, 4);
        List<Selection> front = MixedSearch.EXACT.selections(options);
        for (Selection greedy : MixedSearch.GREEDY.selections(options)) {
            assertThat(last(front, greedy.cost()).loss()).isLessThanOrEqualTo(greedy.loss() + 1e-12);
        }
    }

    /** Costs that no two selections share, so that the front has more members than are kept. */
    @Test
    void manyGroupsOfUnlikeCostsAreChosenInTime() {
        Random random = new Random(1);
        List<List<Option>> options = new ArrayList<>();
        for (int g = 0; g < 60; g++) {
            long macs = 1_000_000 + random.nextInt(1_000_000_000);
            double loss = random.nextDouble();
            options.add(List.of(
                    new Option(64 * macs, 0.001 * loss),
                    new Option(32 * macs, 0.2 * loss * random.nextDouble()),
                    new Option(16 * macs, loss)));
        }
        List<Selection> front = MixedSearch.EXACT.selections(options);
        assertThat(front).hasSizeLessThanOrEqualTo((1 << 16) + 1);
        for (Selection greedy : MixedSearch.GREEDY.selections(options)) {
            // to a 65536th of the range of costs for each group
            long cost = greedy.cost() + 60 * (front.getLast().cost() >> 16);
            assertThat(last(front, cost).loss()).isLessThanOrEqualTo(greedy.loss());
        }
    }

    /** AIMET's order: by loss, whatever it saves. */
    @Test
    void greedyGoesDownTheListOfLosses() {
        List<List<Option>> options = List.of(
                List.of(new Option(64, 0), new Option(32, 0.2), new Option(16, 0.1)),
                List.of(new Option(640, 0), new Option(320, 0.3), new Option(160, 0.15)));
        assertThat(MixedSearch.GREEDY.selections(options))
                .extracting(Selection::options)
                // the first group's 32 comes when 16 stands there already
                .containsExactly(List.of(2, 2), List.of(2, 0), List.of(0, 0));
    }

    private static Selection last(List<Selection> rising, long budget) {
        return rising.reversed().stream()
                .filter(s -> s.cost() <= budget)
                .findFirst()
                .orElseThrow();
    }

    private static List<List<Option>> random(long seed, int groups, int count) {
        Random random = new Random(seed);
        List<List<Option>> options = new ArrayList<>();
        for (int g = 0; g < groups; g++) {
            List<Option> ofGroup = new ArrayList<>();
            for (int o = 0; o < count; o++) {
                // few different numbers, so that there are ties; costs may be negative, as differences of latencies are
                ofGroup.add(new Option(random.nextInt(20) - 3, random.nextInt(10) / 8.0));
            }
            options.add(ofGroup);
        }
        return options;
    }

    private static List<Selection> everything(List<List<Option>> options) {
        List<List<Integer>> all = List.of(List.of());
        for (List<Option> ofGroup : options) {
            List<List<Integer>> grown = new ArrayList<>();
            for (List<Integer> one : all) {
                for (int o = 0; o < ofGroup.size(); o++) {
                    List<Integer> longer = new ArrayList<>(one);
                    longer.add(o);
                    grown.add(longer);
                }
            }
            all = grown;
        }
        return all.stream().map(chosen -> selection(options, chosen)).toList();
    }

    private static Selection selection(List<List<Option>> options, List<Integer> chosen) {
        long cost = 0;
        double loss = 0;
        for (int g = 0; g < chosen.size(); g++) {
            cost += options.get(g).get(chosen.get(g)).cost();
            loss += options.get(g).get(chosen.get(g)).loss();
        }
        return new Selection(chosen, cost, loss);
    }
}
