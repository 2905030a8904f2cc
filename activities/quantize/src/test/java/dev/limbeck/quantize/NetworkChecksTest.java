package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What would quantize silently, and badly, is refused. */
class NetworkChecksTest {

    private static final Graph NETWORK = TestNetworks.residual("Relu", 1);
    private static final FloatTensor IMAGES = TestNetworks.images(4, 1);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bernoulli",
                "Multinomial",
                "RandomNormal",
                "RandomNormalLike",
                "RandomUniform",
                "RandomUniformLike"
            })
    void networksThatDrawAtRandom(String op) {
        Node last = NETWORK.producer(NETWORK.outputs().getFirst().name()).orElseThrow();
        GraphEditor editor = NETWORK.edit();
        editor.replace(last, last.withOutputs(List.of("logits")));
        editor.add(Node.of(op, "drawn", List.of("logits"), last.outputs()));
        assertRefused(editor.build(), IMAGES, "node 'drawn' (" + op + ") draws at random");
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 0.5f})
    void calibrationImagesThatAreTheSameEverywhere(float value) {
        float[] pixels = new float[IMAGES.data().length];
        Arrays.fill(pixels, value);
        FloatTensor same = new FloatTensor(pixels, IMAGES.shape());
        assertRefused(NETWORK, same, "is " + value + " everywhere, in all of its 4 items");
    }

    private static void assertRefused(Graph network, FloatTensor images, String message) {
        QuantizeOptions options = QuantizeOptions.defaults();
        assertThatThrownBy(() -> Quantizer.quantize(network, images, options, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(message);
    }
}
