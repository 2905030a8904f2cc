package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EvaluationTest {

    private static final Graph NETWORK = Networks.byName("mobilenetv2-mini", new ImageInput(1, 28, 0.5f, 0.5f), 10, 1);

    @Test
    void logitsAreThoseOfOneRunAndTheirBitsDoNotDependOnThreads() {
        ImageDataset images = images(37);
        FloatTensor logits = Evaluation.logits(NETWORK, images, 1);
        FloatTensor whole = Inference.run(NETWORK, images.images(), 37, SessionOptions.defaults());
        assertThat(logits.shape()).containsExactly(37, 10);
        assertThat(logits.data()).containsExactly(whole.data(), within(1e-3f));
        assertThat(Evaluation.logits(NETWORK, images, 3).data()).containsExactly(logits.data());
    }

    @Test
    void ofEqualLogitsTheFirstCounts() {
        FloatTensor logits = new FloatTensor(new float[] {1, 1, 0, 0, 2, 2}, 2, 3);
        assertThat(Evaluation.accuracy(logits, new int[] {0, 2})).isEqualTo(0.5);
    }

    @Test
    void aNetworkOfOtherClassesIsRefused() {
        Graph five = Networks.byName("mobilenetv2-mini", new ImageInput(1, 28, 0.5f, 0.5f), 5, 1);
        assertThatThrownBy(() -> Evaluation.accuracy(five, images(20), 2))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("5 classes");
    }

    private static ImageDataset images(int count) {
        byte[] pixels = new byte[count * 28 * 28];
        new Random(1).nextBytes(pixels);
        return new ImageDataset(pixels, new int[count], 1, 28, 28, 10, 0.5f, 0.5f);
    }

    @Test
    void divergenceIsThatOfTheSoftmax() {
        FloatTensor even = new FloatTensor(new float[] {3, 3}, 1, 2);
        FloatTensor uneven = new FloatTensor(new float[] {0, (float) Math.log(3)}, 1, 2);
        assertThat(Evaluation.divergence(even, even)).isZero();
        // 1/2 ln(2/1) + 1/2 ln(2/3)
        assertThat(Evaluation.divergence(even, uneven)).isCloseTo(0.5 * Math.log(4 / 3.0), within(1e-6));
    }
}
