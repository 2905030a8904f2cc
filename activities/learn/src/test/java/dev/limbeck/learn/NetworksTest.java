package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworksTest {

    private static final ImageInput INPUT = new ImageInput(1, 28, 0.286f, 0.353f);

    static java.util.Set<String> names() {
        return Networks.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void runsInOnnxRuntimeAndIsRepeatedByItsSeed(String name) {
        Graph network = Networks.byName(name, INPUT, 10, 1);
        FloatTensor logits = Inference.run(network, noise(3, 1, 28, 28), 2, SessionOptions.defaults());
        assertThat(logits.shape()).containsExactly(3, 10);
        assertThat(deviation(logits)).isBetween(0.001, 100.0);
        assertThat(network.metadata())
                .containsEntry("limbeck.input.mean", "0.286")
                .containsEntry("limbeck.input.std", "0.353");
        assertThat(network.digest())
                .isEqualTo(Networks.byName(name, INPUT, 10, 1).digest());
        assertThat(network.digest())
                .isNotEqualTo(Networks.byName(name, INPUT, 10, 2).digest());
    }

    @ParameterizedTest
    @MethodSource("names")
    void canBeTrained(String name) {
        Graph network = Networks.byName(name, INPUT, 10, 1);
        FloatTensor images = noise(2, 1, 28, 28);
        FloatTensor expected = Inference.run(network, images, 2, SessionOptions.defaults());
        try (GraphExecutor executor = GraphExecutor.compile(network);
                TensorScope scope = TensorScope.open()) {
            FloatTensor logits = executor.forward(Tensor.of(images), Mode.EVAL).toFloatTensor();
            assertThat(logits.data()).containsExactly(expected.data(), within(1e-3f));
            assertThat(executor.parameters()).hasSizeGreaterThan(10);
        }
    }

    @Test
    void mobileNetV2HasAsManyParametersAsInThePaper() {
        Graph network = Networks.byName("mobilenetv2", new ImageInput(3, 224, 0.5f, 0.5f), 1000, 1);
        // 3.4 million in Sandler et al. 2018, table 4; 3,504,872 by counting the layers of its table 2
        assertThat(Cost.of(network).parameters()).isEqualTo(3_504_872);
    }

    @Test
    void unknownNamesAndImpossibleShapesAreRefused() {
        assertThatThrownBy(() -> Networks.byName("alexnet", INPUT, 10, 1))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("there is no network 'alexnet'; known are: mobilenetv2, ");
        assertThatThrownBy(() -> Activation.named("tanh"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("relu, relu6, hardswish");
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void everyKindOfLayerTakesEveryActivation(Activation activation) {
        BlockShape shape = new BlockShape(8, 8, 1, 5, 16, activation).withSqueeze(4);
        BlockShape strided = new BlockShape(8, 12, 2, 3, 16, activation);
        GraphEditor editor = GraphEditor.create("layers")
                .input(new ValueInfo("x", dev.limbeck.graph.ElementType.FLOAT, ValueInfo.DYNAMIC, 8, 6, 6));
        Layers layers = new Layers(editor, 3);
        String y = layers.invertedResidual("x", "a", shape);
        y = layers.groupedBottleneck(y, "b", shape, 4);
        y = layers.plain(y, "c", shape);
        y = layers.basicResidual(y, "d", shape.withOutputActivation(activation));
        y = layers.invertedResidual(y, "e", strided);
        Graph graph = editor.output(new ValueInfo(y, dev.limbeck.graph.ElementType.FLOAT, ValueInfo.DYNAMIC, 12, 3, 3))
                .build();
        FloatTensor out = Inference.run(graph, noise(2, 8, 6, 6), 2, SessionOptions.defaults());
        assertThat(out.shape()).containsExactly(2, 12, 3, 3);
        assertThat(deviation(out)).isBetween(0.1, 100.0);
    }

    @Test
    void theSqueezeGateIsTheHardSigmoidOfMobileNetV3() {
        GraphEditor editor =
                GraphEditor.create("gate").input(new ValueInfo("x", dev.limbeck.graph.ElementType.FLOAT, 1, 2, 1, 1));
        Layers layers = new Layers(editor, 3);
        String y = layers.squeezeExcite("x", "se", 2, 1);
        editor.initializer("se.expand.weight", Layers.filled(0, 2, 1, 1, 1));
        editor.initializer("se.expand.bias", dev.limbeck.graph.TensorValue.ofFloats(new float[] {1.5f, -4}, 2));
        Graph graph = editor.output(new ValueInfo(y, dev.limbeck.graph.ElementType.FLOAT, 1, 2, 1, 1))
                .build();
        FloatTensor out =
                Inference.run(graph, new FloatTensor(new float[] {8, 8}, 1, 2, 1, 1), 1, SessionOptions.defaults());
        // 8 * (1.5 / 6 + 1 / 2) and 8 * 0
        assertThat(out.data()).containsExactly(6f, 0f);
    }

    private static FloatTensor noise(long... shape) {
        java.util.Random random = new java.util.Random(5);
        float[] data = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return new FloatTensor(data, shape);
    }

    private static double deviation(FloatTensor tensor) {
        double mean = 0;
        for (float value : tensor.data()) {
            mean += value / tensor.data().length;
        }
        double sum = 0;
        for (float value : tensor.data()) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / tensor.data().length);
    }
}
