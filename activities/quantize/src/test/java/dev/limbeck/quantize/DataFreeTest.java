package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DataFreeTest {

    private static final FloatTensor IMAGES = TestNetworks.images(256, 1);
    private static final QuantizeOptions PER_TENSOR =
            QuantizeOptions.builder().granularity(Granularity.PER_TENSOR).build();

    private static Quantized quantize(Graph network, QuantizeOptions options) {
        return Quantizer.quantize(network, options, Progress.NONE);
    }

    @ParameterizedTest
    @MethodSource("dev.limbeck.quantize.StatisticsPropagationTest#networks")
    void batchNormsTellWhatImagesWould(Graph network) {
        Graph trained = TestNetworks.trained(network, IMAGES);
        FloatTensor expected = QuantizerTest.run(trained);
        Quantized quantized = quantize(
                trained,
                QuantizeOptions.builder().equalize(true).biasCorrection(true).build());
        assertThat(QuantizerTest.decibels(expected, QuantizerTest.run(quantized.graph())))
                .isGreaterThan(20);
        assertThat(KernelCoverage.of(quantized.graph(), SessionOptions.defaults())
                        .share())
                .isEqualTo(1);
        assertThat(quantized.steps())
                .contains("layers equalized", "biases corrected by the means that batch norms tell");
    }

    @Test
    void restoresANetworkWhoseChannelsWereRescaled() {
        Graph trained = TestNetworks.trained(TestNetworks.chain("Relu", 1), IMAGES);
        FloatTensor expected = QuantizerTest.run(trained);
        Graph spoilt = Rescaling.rescale(trained, 2, 1, true);
        Graph naive = quantize(spoilt, PER_TENSOR).graph();
        Graph equalized =
                quantize(spoilt, PER_TENSOR.toBuilder().equalize(true).build()).graph();
        assertThat(QuantizerTest.decibels(expected, QuantizerTest.run(naive))).isLessThan(10);
        assertThat(QuantizerTest.decibels(expected, QuantizerTest.run(equalized)))
                .isGreaterThan(27);
    }

    @Test
    void meansOfTheOutputsComeCloserToThoseOfTheFloatNetwork() {
        Graph trained = TestNetworks.trained(TestNetworks.residual("Relu", 1), IMAGES);
        QuantizeOptions coarse = PER_TENSOR.toBuilder().reduceRange(true).build();
        double before = shift(trained, quantize(trained, coarse).graph());
        double after = shift(
                trained,
                quantize(trained, coarse.toBuilder().biasCorrection(true).build())
                        .graph());
        assertThat(after).isLessThan(0.6 * before);
    }

    private static double shift(Graph expected, Graph actual) {
        float[] a =
                Inference.run(expected, IMAGES, 64, SessionOptions.defaults()).data();
        float[] b = Inference.run(actual, IMAGES, 64, SessionOptions.defaults()).data();
        double[] shift = new double[TestNetworks.CLASSES];
        for (int i = 0; i < a.length; i++) {
            shift[i % shift.length] += (b[i] - a[i]) / (a.length / (double) shift.length);
        }
        return Math.sqrt(Arrays.stream(shift).map(s -> s * s).sum());
    }

    @Test
    void clipsGoOnlyWhereLittleLiesBeyondThem() {
        Graph network = TestNetworks.residual("Clip", 2); // shifts are about 0 and gains 1, so 6 is far away
        QuantizeOptions options = PER_TENSOR.toBuilder().equalize(true).build();
        assertThat(quantize(network, options).steps()).contains("3 Clips turned into ReLUs");
        GraphEditor editor = network.edit();
        editor.initializer("high", TensorValue.ofFloats(new float[] {0.5f}));
        Graph narrow = TestNetworks.trained(editor.build(), IMAGES);
        Quantized quantized = quantize(narrow, options);
        assertThat(quantized.steps()).noneMatch(step -> step.contains("ReLU"));
        assertThat(QuantizerTest.decibels(QuantizerTest.run(narrow), QuantizerTest.run(quantized.graph())))
                .isGreaterThan(25);
    }

    @Test
    void syntheticImagesTellWhatBatchNormsDoNot() {
        Graph trained = TestNetworks.trained(TestNetworks.residual("Relu", 1), IMAGES);
        Node relu = trained.producer("depthwise.bn.act").orElseThrow();
        Graph odd = trained.edit()
                .replace(relu, Node.of("Softsign", "odd", relu.inputs(), relu.outputs()))
                .build();
        Quantized folded = quantize(BatchNormFolding.fold(trained), PER_TENSOR);
        assertThat(folded.steps().getFirst()).contains("no batch norms", "512 synthetic images", "real ones are safer");
        assertThat(QuantizerTest.decibels(QuantizerTest.run(trained), QuantizerTest.run(folded.graph())))
                .isGreaterThan(10);
        assertThat(quantize(odd, PER_TENSOR).steps().getFirst()).contains("node 'odd' (Softsign)", "synthetic images");
    }

    @Test
    void refusesWhatNothingTells() {
        Graph network = TestNetworks.residual("Relu", 1);
        assertThatThrownBy(() -> quantize(network.edit().clearMetadata().build(), PER_TENSOR))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'x'")
                .hasMessageContaining(InputNormalization.MEAN_KEY);
        Graph folded = BatchNormFolding.fold(network);
        ValueInfo anySize = new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, ValueInfo.DYNAMIC, 12);
        assertThatThrownBy(() ->
                        quantize(folded.edit().clearInputs().input(anySize).build(), PER_TENSOR))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("not an image of known size")
                .hasMessageContaining("--data");
    }
}
