package dev.limbeck.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Chooses the networks that are finetuned for the accuracy predictor: spread over the whole range of quality and cost, where drawing
 * at random would give mostly middling ones.
 *
 * <p>A fifth of them, but at least one, lies on the front of quality (the plain sum of log noise-to-signal ratios) against MACs,
 * where the search will end. The others are stratified: the range of the quality sum is cut into equal strata, and in each a network
 * is taken whose rank in MACs differs from stratum to stratum (multiples of the golden ratio, which are spread evenly).
 */
public final class ArchitectureSampler {

    private static final int POOL = 4096;
    private static final double GOLDEN = (StrictMath.sqrt(5) - 1) / 2;

    private final List<List<Double>> quality;
    private final List<List<Long>> macs;

    /**
     * @param noiseToSignal ratio of each block's choices
     * @param macs of each block's choices
     */
    public ArchitectureSampler(List<List<Double>> noiseToSignal, List<List<Long>> macs) {
        quality = noiseToSignal.stream()
                .map(block -> block.stream()
                        .map(n -> PredictorReport.logSum(List.of(n)))
                        .toList())
                .toList();
        this.macs = macs;
    }

    /** @return so many different networks, best quality first; fewer where the space holds no more */
    public List<Architecture> sample(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Set<List<Integer>> chosen = new LinkedHashSet<>();
        front().spread(Math.max(1, count / 5)).forEach(s -> chosen.add(s.genes()));
        List<List<Integer>> pool = pool(random);
        pool.removeAll(chosen);
        pool.sort(Comparator.comparingDouble(this::quality));
        int strata = Math.min(count - chosen.size(), pool.size());
        double low = pool.isEmpty() ? 0 : quality(pool.getFirst());
        double high = pool.isEmpty() ? 0 : quality(pool.getLast());
        double offset = random.nextDouble();
        for (int s = 0; s < strata; s++) {
            double from = low + (high - low) * s / strata;
            double to = low + (high - low) * (s + 1) / strata;
            List<List<Integer>> stratum = pool.stream()
                    .filter(g -> !chosen.contains(g) && quality(g) >= from && quality(g) <= to)
                    .sorted(Comparator.comparingLong(this::macs))
                    .toList();
            double rank = (offset + s * GOLDEN) % 1;
            chosen.add(
                    stratum.isEmpty()
                            ? nearest(pool, chosen, (from + to) / 2)
                            : stratum.get((int) (rank * stratum.size())));
        }
        return chosen.stream()
                .limit(count)
                .sorted(Comparator.comparingDouble(this::quality))
                .map(Architecture::new)
                .toList();
    }

    private ParetoFront<ExactFront.Solution> front() {
        List<List<ExactFront.Part>> parts = new ArrayList<>();
        for (int b = 0; b < quality.size(); b++) {
            int block = b;
            parts.add(IntStream.range(0, quality.get(b).size())
                    .mapToObj(i -> new ExactFront.Part(
                            -quality.get(block).get(i), macs.get(block).get(i)))
                    .toList());
        }
        return ParetoFront.of(ExactFront.additive(parts), ExactFront.Solution::score, ExactFront.Solution::cost);
    }

    // Each network leans to good, middling or bad choices in all its blocks, so that sums at both ends of the range
    // occur.
    private List<List<Integer>> pool(SplittableRandom random) {
        List<List<Integer>> ranked = quality.stream()
                .map(block -> IntStream.range(0, block.size())
                        .boxed()
                        .sorted(Comparator.comparingDouble(block::get))
                        .toList())
                .toList();
        Set<List<Integer>> pool = new LinkedHashSet<>();
        for (int i = 0; i < POOL; i++) {
            double lean = random.nextDouble();
            double looseness = random.nextDouble();
            List<Integer> genes = new ArrayList<>();
            for (List<Integer> block : ranked) {
                double place = lean + looseness * (random.nextDouble() - 0.5) * 2;
                int index = (int) (Math.clamp(place, 0, 0.999999) * block.size());
                genes.add(block.get(index));
            }
            pool.add(genes);
        }
        return new ArrayList<>(pool);
    }

    private List<Integer> nearest(List<List<Integer>> pool, Set<List<Integer>> chosen, double wanted) {
        return pool.stream()
                .filter(g -> !chosen.contains(g))
                .min(Comparator.comparingDouble(g -> Math.abs(quality(g) - wanted)))
                .orElseThrow();
    }

    private double quality(List<Integer> genes) {
        double sum = 0;
        for (int b = 0; b < genes.size(); b++) {
            sum += quality.get(b).get(genes.get(b));
        }
        return sum;
    }

    private long macs(List<Integer> genes) {
        long sum = 0;
        for (int b = 0; b < genes.size(); b++) {
            sum += macs.get(b).get(genes.get(b));
        }
        return sum;
    }
}
