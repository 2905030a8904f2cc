package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StatisticsPropagationTest {

    private static final FloatTensor IMAGES = TestNetworks.images(256, 1);

    static Stream<Graph> networks() {
        return Stream.of(
                TestNetworks.residual("Relu", 1),
                TestNetworks.residual("Clip", 2),
                TestNetworks.residual("HardSwish", 3),
                TestNetworks.chain("LeakyRelu", 4),
                TestNetworks.chain("PRelu", 5),
                TestNetworks.squeezeExcite(6));
    }

    /** Predicted and observed means over the channels of a tensor, and their ranges. */
    @ParameterizedTest
    @MethodSource("networks")
    void meansAndRangesAreThoseOfImages(Graph network) {
        Graph trained = TestNetworks.trained(network, IMAGES);
        BatchNormStatistics norms = BatchNormStatistics.of(trained);
        Graph folded = Canonicalization.of(trained);
        Map<String, ChannelStatistics> known = new StatisticsPropagation(folded, norms).run();
        List<String> tensors = new QuantizationPlan(folded, QuantizeOptions.defaults()).toCalibrate();
        assertThat(known).containsKeys(tensors.toArray(String[]::new));
        List<String> made = tensors.stream().filter(t -> !t.equals("x")).toList();
        Activations.collect(folded, made, IMAGES, 64, SessionOptions.defaults()).forEach((tensor, values) -> {
            ValueRange range = known.get(tensor).range();
            double width = range.max() - range.min();
            int outside = 0;
            double least = 0;
            double largest = 0;
            for (float value : values.data()) {
                boolean inside = value > range.min() - 0.01 * width && value < range.max() + 0.01 * width;
                outside += inside ? 0 : 1;
                least = Math.min(least, value);
                largest = Math.max(largest, value);
            }
            assertThat(outside / (double) values.data().length).as(tensor).isLessThan(1e-4);
            if (values.itemSize() > known.get(tensor).channels()) { // averages over an image spread less
                assertThat(largest - least).as(tensor).isGreaterThan(width / 4);
            }
            double[] means = means(values);
            for (int c = 0; c < means.length; c++) {
                assertThat(known.get(tensor).mean()[c])
                        .as("%s channel %d", tensor, c)
                        .isCloseTo(means[c], within(0.03 * width));
            }
        });
    }

    private static double[] means(FloatTensor values) {
        int channels = (int) values.shape()[1];
        int positions = values.itemSize() / channels;
        double[] means = new double[channels];
        for (int i = 0; i < values.data().length; i++) {
            means[i / positions % channels] += values.data()[i] / ((double) values.batch() * positions);
        }
        return means;
    }

    /** An image that is constant in each channel has no variance: what padding does to the mean is exact. */
    @Test
    void zerosBeyondTheBorderLowerTheMeans() {
        Random random = new Random(1);
        float[] weight = new float[6 * 2 * 5 * 3];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) random.nextGaussian();
        }
        for (boolean same : new boolean[] {false, true}) {
            Node node = Node.of("Conv", "conv", List.of("x", "w"), List.of("y"))
                    .withIntegers("strides", 2, 1)
                    .withInteger("group", 2);
            GraphEditor editor = GraphEditor.create("padded")
                    .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 4, 9, 8))
                    .output(ValueInfo.unranked("y", ElementType.FLOAT));
            editor.initializer("w", TensorValue.ofFloats(weight, 6, 2, 5, 3));
            editor.add(
                    same
                            ? node.withText("auto_pad", "SAME_LOWER")
                            : node.withIntegers("dilations", 1, 2).withIntegers("pads", 1, 2, 3, 0));
            Graph graph = editor.build();
            float[] image = new float[4 * 72];
            for (int i = 0; i < image.length; i++) {
                image[i] = 1 + i / 72;
            }
            double[] actual =
                    means(Inference.run(graph, new FloatTensor(image, 1, 4, 9, 8), 1, SessionOptions.defaults()));
            WeightedSum sum = WeightedSum.of(graph, graph.nodes().getFirst(), ShapeInference.infer(graph, 1))
                    .orElseThrow();
            double[] predicted = sum.means(sum.weight(), new double[] {1, 2, 3, 4});
            for (int c = 0; c < actual.length; c++) {
                assertThat(predicted[c]).isCloseTo(actual[c], within(1e-4));
            }
        }
    }
}
