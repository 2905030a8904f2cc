package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatNetworkChecksTest {

    private static final Graph NETWORK = TestNetworks.convolutional(1);

    @Test
    void goodNetworksPass() {
        assertThatCode(() -> FloatNetworkChecks.check(NETWORK)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void weightsThatAreNoNumbers(float value) {
        Node layer = NETWORK.nodes().stream()
                .filter(node -> node.op().equals("Conv"))
                .findFirst()
                .orElseThrow();
        TensorValue weight = NETWORK.initializers().get(layer.input(1));
        float[] broken = weight.floats().clone();
        broken[3] = value;
        GraphEditor editor = NETWORK.edit();
        editor.initializer(layer.input(1), TensorValue.ofFloats(broken, weight.shape()));
        assertRefused(
                editor.build(),
                "node '" + layer.label() + "' (Conv) has the constant '" + layer.input(1) + "', which holds " + value);
    }

    @Test
    void infinitiesThatAreMeantPass() {
        Graph masked = last("Add", Float.NEGATIVE_INFINITY);
        assertThatCode(() -> FloatNetworkChecks.check(masked)).doesNotThrowAnyException();
        assertRefused(last("Add", Float.NaN), "node 'last' (Add) has the constant 'mask', which holds NaN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bernoulli", "RandomNormalLike"})
    void networksThatDrawAtRandom(String op) {
        assertRefused(last(op), "node 'last' (" + op + ") draws at random");
    }

    @Test
    void networksThatAreQuantizedAlready() {
        assertRefused(last("DynamicQuantizeLinear"), "is quantized already (node 'last'); give the float network");
    }

    @Test
    void batchNormsInTrainingMode() {
        Node norm = NETWORK.nodes().stream()
                .filter(node -> node.op().equals("BatchNormalization"))
                .findFirst()
                .orElseThrow();
        assertRefused(
                NETWORK.edit()
                        .replace(norm, norm.withInteger("training_mode", 1))
                        .build(),
                "node '" + norm.label() + "' (BatchNormalization) is in training mode");
    }

    /** The network with one more operator at its end. */
    private static Graph last(String op, float... mask) {
        Node maker = NETWORK.producer(NETWORK.outputs().getFirst().name()).orElseThrow();
        GraphEditor editor = NETWORK.edit();
        editor.replace(maker, maker.withOutputs(List.of("before")));
        List<String> inputs = mask.length == 0
                ? List.of("before")
                : List.of("before", editor.initializer("mask", TensorValue.ofFloats(mask, 1)));
        editor.add(Node.of(op, "last", inputs, maker.outputs()));
        return editor.build();
    }

    private static void assertRefused(Graph network, String message) {
        assertThatThrownBy(() -> FloatNetworkChecks.check(network))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(message);
    }
}
