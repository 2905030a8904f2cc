package dev.limbeck.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Fast non-dominated sorting and crowding distance (Deb et al. 2002, sections III-A and III-B). */
final class NondominatedSort {

    private NondominatedSort() {}

    /** Indices by front: the first holds those that nobody dominates, the next those that only the first dominate, and so on. */
    static List<int[]> fronts(List<Individual> individuals) {
        int count = individuals.size();
        double[][] objectives = new double[count][];
        double[] violations = new double[count];
        for (int i = 0; i < count; i++) {
            objectives[i] = values(individuals.get(i));
            violations[i] = individuals.get(i).violation();
        }
        int[] dominators = new int[count];
        int[][] dominated = new int[count][count];
        int[] sizes = new int[count];
        for (int a = 0; a < count; a++) {
            for (int b = a + 1; b < count; b++) {
                int order = compare(objectives[a], violations[a], objectives[b], violations[b]);
                if (order < 0) {
                    dominated[a][sizes[a]++] = b;
                    dominators[b]++;
                } else if (order > 0) {
                    dominated[b][sizes[b]++] = a;
                    dominators[a]++;
                }
            }
        }
        List<int[]> fronts = new ArrayList<>();
        int[] front = new int[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            if (dominators[i] == 0) {
                front[size++] = i;
            }
        }
        while (size > 0) {
            int[] done = Arrays.copyOf(front, size);
            Arrays.sort(done);
            fronts.add(done);
            size = 0;
            for (int i : done) {
                for (int k = 0; k < sizes[i]; k++) {
                    if (--dominators[dominated[i][k]] == 0) {
                        front[size++] = dominated[i][k];
                    }
                }
            }
        }
        return fronts;
    }

    /** Crowding distance of every member of a front, in the front's order; infinite at the ends of each objective. */
    static double[] crowding(List<Individual> individuals, int[] front) {
        int last = front.length - 1;
        double[] distance = new double[front.length];
        int objectives = individuals.get(front[0]).objectives().size();
        for (int m = 0; m < objectives; m++) {
            List<Member> order = new ArrayList<>(front.length);
            for (int i = 0; i < front.length; i++) {
                order.add(new Member(i, individuals.get(front[i]).objectives().get(m)));
            }
            order.sort((a, b) -> Double.compare(a.value, b.value));
            double range = order.get(last).value - order.get(0).value;
            distance[order.get(0).position] = Double.POSITIVE_INFINITY;
            distance[order.get(last).position] = Double.POSITIVE_INFINITY;
            for (int i = 1; i < last && range > 0; i++) {
                distance[order.get(i).position] += (order.get(i + 1).value - order.get(i - 1).value) / range;
            }
        }
        return distance;
    }

    /**
     * Constraint domination (section VI): a feasible candidate before one that is not, the smaller violation before the larger, and
     * among feasible ones Pareto domination.
     *
     * @return negative where the first dominates, positive where the second does, 0 where neither does
     */
    static int compare(double[] first, double firstViolation, double[] second, double secondViolation) {
        if (firstViolation > 0 || secondViolation > 0) {
            return Double.compare(firstViolation, secondViolation);
        }
        boolean better = false;
        boolean worse = false;
        for (int m = 0; m < first.length; m++) {
            better |= first[m] < second[m];
            worse |= first[m] > second[m];
        }
        if (better == worse) {
            return 0;
        }
        return better ? -1 : 1;
    }

    static double[] values(Individual individual) {
        double[] values = new double[individual.objectives().size()];
        for (int m = 0; m < values.length; m++) {
            values[m] = individual.objectives().get(m);
        }
        return values;
    }

    private record Member(int position, double value) {}
}
