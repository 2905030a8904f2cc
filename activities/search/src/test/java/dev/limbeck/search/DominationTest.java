package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class DominationTest {

    private record Point(double accuracy, double latency) {}

    private static Point point(Individual i) {
        return new Point(i.objectives().get(0), i.objectives().get(1));
    }

    // Few different values, so that ties are common.
    @Provide
    Arbitrary<Individual> individuals() {
        Arbitrary<Double> value = Arbitraries.integers().between(0, 4).map(Integer::doubleValue);
        return Combinators.combine(value, value, Arbitraries.of(0.0, 0.0, 0.0, 1.0, 2.0))
                .as((a, b, violation) -> new Individual(List.of(), List.of(a, b), violation));
    }

    @Provide
    Arbitrary<List<Individual>> sets() {
        return individuals().list().ofMinSize(1).ofMaxSize(25);
    }

    @Property(tries = 300)
    void dominationIsAStrictPartialOrder(
            @ForAll("individuals") Individual a,
            @ForAll("individuals") Individual b,
            @ForAll("individuals") Individual c) {
        assertThat(a.dominates(a)).isFalse();
        assertThat(a.dominates(b) && b.dominates(a)).isFalse();
        if (a.dominates(b) && b.dominates(c)) {
            assertThat(a.dominates(c)).isTrue();
        }
    }

    @Property(tries = 100)
    void frontsPartitionAndEachIsDominatedByTheOneBefore(@ForAll("sets") List<Individual> set) {
        List<int[]> fronts = NondominatedSort.fronts(set);

        assertThat(fronts.stream().mapToInt(f -> f.length).sum()).isEqualTo(set.size());
        for (int f = 0; f < fronts.size(); f++) {
            for (int i : fronts.get(f)) {
                for (int j : fronts.get(f)) {
                    assertThat(set.get(i).dominates(set.get(j))).isFalse();
                }
                if (f > 0) {
                    int[] before = fronts.get(f - 1);
                    assertThat(java.util.Arrays.stream(before)
                                    .anyMatch(j -> set.get(j).dominates(set.get(i))))
                            .isTrue();
                }
            }
        }
    }

    @Property(tries = 100)
    void paretoFrontHoldsJustWhatNothingBeatsWhateverTheOrder(@ForAll("sets") List<Individual> set, @ForAll long seed) {
        List<Point> points = set.stream().map(DominationTest::point).toList();
        List<Point> front =
                ParetoFront.of(points, Point::accuracy, Point::latency).members();
        List<Point> shuffled = new ArrayList<>(points);
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(ParetoFront.of(shuffled, Point::accuracy, Point::latency).members())
                .isEqualTo(front);
        for (Point p : points) {
            boolean beaten =
                    points.stream().anyMatch(q -> q.accuracy >= p.accuracy && q.latency <= p.latency && !q.equals(p));
            assertThat(front.contains(p)).isEqualTo(!beaten);
        }
    }

    @Property(tries = 100)
    void hypervolumeEqualsTheCountOfDominatedUnitCells(@ForAll("sets") List<Individual> set) {
        List<Point> points = set.stream().map(DominationTest::point).toList();
        int cells = 0;
        for (int accuracy = 0; accuracy < 4; accuracy++) {
            for (int latency = 0; latency < 4; latency++) {
                int a = accuracy;
                int l = latency;
                cells += points.stream().anyMatch(p -> p.accuracy >= a + 1 && p.latency <= l) ? 1 : 0;
            }
        }

        assertThat(Hypervolume.of(points, Point::accuracy, Point::latency, 0, 4))
                .isCloseTo(cells, within(1e-9));
    }

    @Test
    void firstOfEqualMembersStays() {
        record Named(String name, double accuracy, double latency) {}
        List<Named> items = List.of(new Named("a", 0.9, 2), new Named("b", 0.9, 2), new Named("c", 0.8, 2));

        assertThat(ParetoFront.of(items, Named::accuracy, Named::latency).members())
                .containsExactly(items.get(0));
    }

    @Test
    void spreadTakesBothEndsAndEvenStepsBetween() {
        List<Point> line = new ArrayList<>();
        for (int i = 0; i <= 10; i++) {
            line.add(new Point(i, i));
        }
        // Many members crowd at one place; they must not all be taken.
        for (int i = 1; i < 10; i++) {
            line.add(new Point(5 + i / 100.0, 5 + i / 100.0));
        }
        ParetoFront<Point> front = ParetoFront.of(line, Point::accuracy, Point::latency);

        assertThat(front.spread(5)).extracting(Point::latency).satisfies(latencies -> {
            assertThat(latencies.get(0)).isZero();
            assertThat(latencies.get(1)).isCloseTo(2.5, within(0.51));
            assertThat(latencies.get(2)).isCloseTo(5, within(0.1));
            assertThat(latencies.get(3)).isCloseTo(7.5, within(0.51));
            assertThat(latencies.get(4)).isEqualTo(10);
        });
        assertThat(front.spread(100)).isEqualTo(front.members());
        assertThat(front.spread(19)).doesNotHaveDuplicates().hasSize(19);
        assertThat(front.spread(1)).containsExactly(new Point(10, 10));
    }

    @Test
    void dynamicProgrammeFindsTheFrontThatEnumerationFinds() {
        TableSpace space = TableSpace.random(4, 6, 9);

        List<ExactFront.Solution> enumerated = ExactFront.enumerate(
                space.cardinalities(),
                genes -> space.score(java.util.Arrays.stream(genes).boxed().toList()),
                genes -> space.cost(java.util.Arrays.stream(genes).boxed().toList()));

        assertThat(ExactFront.additive(space.parts()))
                .extracting(ExactFront.Solution::genes)
                .containsExactlyElementsOf(
                        enumerated.stream().map(ExactFront.Solution::genes).toList());
        assertThat(enumerated).hasSizeGreaterThan(5);
    }

    @Test
    void crowdingOfThreeIsInfiniteAtTheEndsAndTwoBetween() {
        List<Individual> line = List.of(
                new Individual(List.of(), List.of(0.0, 2.0), 0),
                new Individual(List.of(), List.of(1.0, 1.0), 0),
                new Individual(List.of(), List.of(2.0, 0.0), 0));

        // (2 - 0) / 2 for each of the two objectives.
        assertThat(NondominatedSort.crowding(line, new int[] {0, 1, 2}))
                .containsExactly(Double.POSITIVE_INFINITY, 2.0, Double.POSITIVE_INFINITY);
    }
}
