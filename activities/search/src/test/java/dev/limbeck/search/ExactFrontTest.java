package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.search.AccuracyPredictor.Order;
import dev.limbeck.search.AccuracyPredictor.Product;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactFrontTest {

    private static final int BLOCKS = 3;
    private static final int CHOICES = 6;
    private final List<List<Double>> ratios = new ArrayList<>();
    private final List<List<Double>> millis = new ArrayList<>();

    ExactFrontTest() {
        Random random = new Random(4);
        for (int b = 0; b < BLOCKS; b++) {
            List<Double> r = new ArrayList<>();
            List<Double> m = new ArrayList<>();
            for (int i = 0; i < CHOICES; i++) {
                double cost = 0.1 + random.nextDouble();
                m.add(cost);
                r.add(0.05 / cost * Math.exp(0.3 * random.nextGaussian()));
            }
            ratios.add(r);
            millis.add(m);
        }
    }

    private static AccuracyPredictor predictor(List<Product> products) {
        return new AccuracyPredictor(
                products.isEmpty() ? Order.LINEAR : Order.SECOND,
                1,
                0.01,
                -2.3,
                List.of(-2.0, -2.0, -2.0),
                List.of(0.2, 0.3, 0.1),
                products,
                List.of(),
                List.of());
    }

    @Test
    void additivePredictorsFrontIsWhatEnumerationFinds() {
        AccuracyPredictor predictor = predictor(List.of());
        LatencyTable latency = new LatencyTable(0.4, millis);

        List<ExactFront.Solution> fast = ExactFront.of(predictor, ratios, latency);
        // A product of weight 0 changes nothing, but forces enumeration.
        List<ExactFront.Solution> slow = ExactFront.of(predictor(List.of(new Product(0, 1, 0, 0))), ratios, latency);

        assertThat(fast).hasSizeGreaterThan(3).hasSameSizeAs(slow);
        for (int i = 0; i < fast.size(); i++) {
            assertThat(fast.get(i).genes()).isEqualTo(slow.get(i).genes());
            assertThat(fast.get(i).score()).isCloseTo(slow.get(i).score(), within(1e-12));
            assertThat(fast.get(i).cost()).isCloseTo(slow.get(i).cost(), within(1e-12));
        }
        ExactFront.Solution best = fast.getLast();
        List<Double> picked = new Architecture(best.genes()).pick(ratios);
        assertThat(best.score()).isCloseTo(predictor.predict(picked, List.of()), within(1e-12));
    }

    @Test
    void spacesTooLargeToEnumerateAreRefused() {
        List<Integer> large = Collections.nCopies(8, 8);

        assertThat(ExactFront.canEnumerate(large)).isFalse();
        assertThat(ExactFront.canEnumerate(Collections.nCopies(7, 10))).isTrue();
        assertThatThrownBy(() -> ExactFront.enumerate(large, genes -> 0, genes -> 0))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("16777216");
    }
}
