package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArchitectureSamplerTest {

    private final List<List<Double>> ratios = new ArrayList<>();
    private final List<List<Long>> macs = new ArrayList<>();

    private ArchitectureSampler sampler(int blocks, int choices) {
        Random random = new Random(1);
        for (int b = 0; b < blocks; b++) {
            List<Double> r = new ArrayList<>();
            List<Long> m = new ArrayList<>();
            for (int i = 0; i < choices; i++) {
                r.add(Math.exp(-3 + random.nextGaussian()));
                m.add(1000L + random.nextInt(9000));
            }
            ratios.add(r);
            macs.add(m);
        }
        return new ArchitectureSampler(ratios, macs);
    }

    private double quality(Architecture a) {
        double sum = 0;
        for (int b = 0; b < ratios.size(); b++) {
            sum += Math.log(0.001 + ratios.get(b).get(a.choices().get(b)));
        }
        return sum;
    }

    private double macs(Architecture a) {
        double sum = 0;
        for (int b = 0; b < macs.size(); b++) {
            sum += macs.get(b).get(a.choices().get(b));
        }
        return sum;
    }

    private static double deviation(List<Double> values) {
        double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
        return Math.sqrt(values.stream()
                .mapToDouble(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow());
    }

    @Test
    void spreadsWiderThanChanceInQualityAndIncludesTheBest() {
        List<Architecture> sampled = sampler(5, 18).sample(24, 3);
        Random random = new Random(2);
        List<Architecture> chance = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            chance.add(new Architecture(random.ints(5, 0, 18).boxed().toList()));
        }

        assertThat(new HashSet<>(sampled)).hasSize(24);
        assertThat(deviation(sampled.stream().map(this::quality).toList()))
                .isGreaterThan(
                        1.5 * deviation(chance.stream().map(this::quality).toList()));
        assertThat(deviation(sampled.stream().map(this::macs).toList()))
                .isGreaterThan(deviation(chance.stream().map(this::macs).toList()));
        double best = 0;
        for (List<Double> block : ratios) {
            best += Math.log(
                    0.001 + block.stream().min(Comparator.naturalOrder()).orElseThrow());
        }
        assertThat(quality(sampled.getFirst())).isEqualTo(best);
        assertThat(sampled).isSortedAccordingTo(Comparator.comparingDouble(this::quality));
    }

    @Test
    void isRepeatableAndTakesAllOfASmallSpace() {
        assertThat(sampler(4, 6).sample(10, 7)).isEqualTo(sampler(0, 0).sample(10, 7));
        ratios.clear();
        macs.clear();
        assertThat(sampler(2, 3).sample(50, 1)).hasSize(9).doesNotHaveDuplicates();
    }
}
