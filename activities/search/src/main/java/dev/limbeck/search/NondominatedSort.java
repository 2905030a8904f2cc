package dev.limbeck.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Fast non-dominated sorting and crowding distance (Deb et al. 2002, sections III-A and III-B). */
final class NondominatedSort {

    private NondominatedSort() {}

    /** Indices by front: the first holds those that nobody dominates, the next those that only the first dominate, and so on. */
    static List<int[]> fronts(List<Individual> individuals) {
        int count = individuals.size();
        int[] dominators = new int[count];
        List<List<Integer>> dominated = IntStream.range(0, count)
                .mapToObj(i -> (List<Integer>) new ArrayList<Integer>())
                .toList();
        for (int a = 0; a < count; a++) {
            for (int b = a + 1; b < count; b++) {
                if (individuals.get(a).dominates(individuals.get(b))) {
                    dominated.get(a).add(b);
                    dominators[b]++;
                } else if (individuals.get(b).dominates(individuals.get(a))) {
                    dominated.get(b).add(a);
                    dominators[a]++;
                }
            }
        }
        List<int[]> fronts = new ArrayList<>();
        int[] front = IntStream.range(0, count).filter(i -> dominators[i] == 0).toArray();
        while (front.length > 0) {
            fronts.add(front);
            front = Arrays.stream(front)
                    .flatMap(i -> dominated.get(i).stream()
                            .filter(j -> --dominators[j] == 0)
                            .mapToInt(Integer::intValue))
                    .sorted()
                    .toArray();
        }
        return fronts;
    }

    /** Crowding distance of every member of a front, in the front's order; infinite at the ends of each objective. */
    static double[] crowding(List<Individual> individuals, int[] front) {
        double[] distance = new double[front.length];
        int objectives = individuals.get(front[0]).objectives().size();
        for (int m = 0; m < objectives; m++) {
            int objective = m;
            Integer[] order = IntStream.range(0, front.length).boxed().toArray(Integer[]::new);
            Arrays.sort(
                    order,
                    Comparator.comparingDouble(
                            i -> individuals.get(front[i]).objectives().get(objective)));
            int last = front.length - 1;
            double low = value(individuals, front, order[0], objective);
            double high = value(individuals, front, order[last], objective);
            distance[order[0]] = Double.POSITIVE_INFINITY;
            distance[order[last]] = Double.POSITIVE_INFINITY;
            if (!(high > low)) {
                continue;
            }
            for (int i = 1; i < last; i++) {
                double gap = value(individuals, front, order[i + 1], objective)
                        - value(individuals, front, order[i - 1], objective);
                distance[order[i]] += gap / (high - low);
            }
        }
        return distance;
    }

    private static double value(List<Individual> individuals, int[] front, int position, int objective) {
        return individuals.get(front[position]).objectives().get(objective);
    }
}
