package dev.limbeck.compress;

import static dev.limbeck.compress.TestNetworks.error;
import static dev.limbeck.compress.TestNetworks.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SvdCompressorTest {

    @ParameterizedTest
    @EnumSource(names = {"SPATIAL_SVD", "WEIGHT_SVD"})
    void fullRankGivesTheSameOutput(CompressScheme scheme) {
        Graph network = TestNetworks.residual(1);
        Graph split = splitAll(network, scheme, Integer.MAX_VALUE);
        FloatTensor images = TestNetworks.images(4, 1);
        assertThat(split.nodes().size()).isGreaterThan(network.nodes().size() + 4);
        assertThat(error(run(network, images), run(split, images))).isLessThan(1e-10);
    }

    static Stream<Node> convolutions() {
        Node plain = Node.of("Conv", "conv", List.of(), List.of("y"));
        return Stream.of(
                plain,
                plain.withIntegers("strides", 2, 3).withIntegers("pads", 1, 0, 2, 1),
                plain.withIntegers("dilations", 2, 3).withIntegers("pads", 0, 3, 1, 2),
                plain.withText("auto_pad", "SAME_UPPER").withIntegers("strides", 2, 2),
                plain.withText("auto_pad", "SAME_LOWER"),
                plain.withText("auto_pad", "VALID").withIntegers("kernel_shape", 3, 2));
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void stridesPadsAndDilationsStay(Node node) {
        Graph network = TestNetworks.convolution(node, 3, 2);
        Random random = new Random(3);
        float[] pixels = new float[2 * 4 * 12 * 12];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        FloatTensor images = new FloatTensor(pixels, 2, 4, 12, 12);
        for (CompressScheme scheme : List.of(CompressScheme.SPATIAL_SVD, CompressScheme.WEIGHT_SVD)) {
            Graph split = splitAll(network, scheme, Integer.MAX_VALUE);
            assertThat(error(run(network, images), run(split, images)))
                    .as(scheme.text())
                    .isLessThan(1e-10);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SPATIAL_SVD", "WEIGHT_SVD"})
    void operationsAreAsComputed(CompressScheme scheme) {
        Graph network = TestNetworks.residual(1);
        Map<String, ValueInfo> shapes = ShapeInference.infer(network, 1);
        for (Cost.OfNode cost : Cost.perNode(network)) {
            FactoredLayer.of(network, cost.node(), scheme, cost.cost().macs(), shapes)
                    .ifPresent(layer -> {
                        GraphEditor editor = network.edit();
                        layer.split(editor, layer.anyFactors(), 3);
                        long saved = cost.cost().macs() - 3 * layer.macsPerRank();
                        assertThat(Cost.of(editor.build()).macs())
                                .as(cost.node().label())
                                .isEqualTo(Cost.of(network).macs() - saved);
                    });
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SPATIAL_SVD", "WEIGHT_SVD"})
    void shapesAreThoseOfTheNetworkAndNothingIsDecomposedForThem(CompressScheme scheme) {
        Graph network = TestNetworks.residual(1);
        List<String> steps = new ArrayList<>();
        SvdCompressor compressor = new SvdCompressor(
                network, scheme, TestNetworks.images(4, 1), (step, done, total, detail) -> steps.add(step));
        Map<String, Integer> kept = new HashMap<>();
        compressor.units().forEach(unit -> kept.put(unit.name(), Math.max(1, unit.size() / 2)));
        Graph shape = compressor.shape(kept);
        assertThat(steps).isEmpty();
        Graph compressed = compressor.compress(kept);
        assertThat(steps).containsOnly("decompose weights").hasSize(kept.size() + 1);
        assertThat(shape.nodes()).isEqualTo(compressed.nodes());
        assertThat(shape.initializers().keySet())
                .isEqualTo(compressed.initializers().keySet());
        shape.initializers().forEach((name, value) -> assertThat(value.shape())
                .as(name)
                .isEqualTo(compressed.initializers().get(name).shape()));
        compressor.compress(kept);
        assertThat(steps).hasSize(kept.size() + 1);
    }

    @Test
    void eachRankIsTheNearestOfItsKind() {
        Random random = new Random(1);
        double[][] matrix = new double[7][11];
        double power = 0;
        for (double[] row : matrix) {
            for (int j = 0; j < row.length; j++) {
                row[j] = random.nextGaussian();
                power += row[j] * row[j];
            }
        }
        SingularValues svd = SingularValues.of(matrix);
        for (int rank = 0; rank <= 7; rank++) {
            double rest = 0;
            for (int i = 0; i < 7; i++) {
                for (int j = 0; j < 11; j++) {
                    double value = matrix[i][j];
                    for (int r = 0; r < rank; r++) {
                        value -= svd.values()[r] * svd.left()[r][i] * svd.right()[r][j];
                    }
                    rest += value * value;
                }
            }
            // Eckart and Young 1936: what is missing is the power of the singular values left out
            power = power - (rank == 0 ? 0 : svd.values()[rank - 1] * svd.values()[rank - 1]);
            assertThat(rest).isCloseTo(power, within(1e-9));
        }
    }

    @Test
    void aWeightedRankIsTheNearestForWhatIsRead() {
        Random random = new Random(1);
        double[][] read = new double[40][7];
        for (double[] x : read) {
            double common = random.nextGaussian();
            for (int i = 0; i < 7; i++) {
                x[i] = i * common + 0.3 * random.nextGaussian();
            }
        }
        double[][] matrix = new double[7][5];
        for (double[] row : matrix) {
            Arrays.setAll(row, j -> random.nextGaussian());
        }
        SingularValues given = SingularValues.of(product(read, matrix));
        SingularValues weighted = SingularValues.weighted(matrix, product(transposed(read), read), 1e-12);
        for (int rank = 0; rank <= 5; rank++) {
            double[][] less = new double[7][5];
            for (int r = 0; r < rank; r++) {
                for (int i = 0; i < 7; i++) {
                    for (int j = 0; j < 5; j++) {
                        less[i][j] += weighted.values()[r] * weighted.left()[r][i] * weighted.right()[r][j];
                    }
                }
            }
            double[][] whole = product(read, matrix);
            double[][] nearest = product(read, less);
            double rest = 0;
            for (int n = 0; n < read.length; n++) {
                for (int j = 0; j < 5; j++) {
                    rest += Math.pow(whole[n][j] - nearest[n][j], 2);
                }
            }
            // Eckart and Young of what comes out: no other matrix of the rank comes nearer
            double least = Arrays.stream(given.values())
                    .skip(rank)
                    .map(value -> value * value)
                    .sum();
            assertThat(rest).isCloseTo(least, within(1e-6 * (1 + least)));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SPATIAL_SVD", "WEIGHT_SVD"})
    void imagesMakeForBetterFactors(CompressScheme scheme) {
        Graph network = TestNetworks.residual(1);
        FloatTensor images = TestNetworks.images(64, 1);
        FloatTensor others = TestNetworks.images(32, 9);
        SvdCompressor plain = new SvdCompressor(network, scheme, images.slice(0, 0), Progress.NONE);
        SvdCompressor weighted = new SvdCompressor(network, scheme, images, Progress.NONE);
        Map<String, Integer> kept = new HashMap<>();
        plain.units().forEach(unit -> kept.put(unit.name(), Math.max(1, unit.size() / 2)));
        float[] expected = run(network, others);
        assertThat(error(expected, run(weighted.compress(kept), others)))
                .isLessThan(0.8 * error(expected, run(plain.compress(kept), others)));
    }

    private static double[][] product(double[][] left, double[][] right) {
        double[][] product = new double[left.length][right[0].length];
        for (int i = 0; i < left.length; i++) {
            for (int k = 0; k < right.length; k++) {
                for (int j = 0; j < product[i].length; j++) {
                    product[i][j] += left[i][k] * right[k][j];
                }
            }
        }
        return product;
    }

    private static double[][] transposed(double[][] matrix) {
        double[][] turned = new double[matrix[0].length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < turned.length; j++) {
                turned[j][i] = matrix[i][j];
            }
        }
        return turned;
    }

    @Test
    void aNetworkWithNothingToSplitIsRefused() {
        GraphEditor editor = GraphEditor.create("plain")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 3));
        editor.add(Node.of("Relu", "relu", List.of("x"), List.of("y")));
        Graph network = editor.build();
        assertThatThrownBy(() -> new SvdCompressor(
                        network, CompressScheme.SPATIAL_SVD, TestNetworks.images(1, 1), Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("no two-dimensional convolution without groups");
    }

    private static Graph splitAll(Graph network, CompressScheme scheme, int largest) {
        Map<String, ValueInfo> shapes = ShapeInference.infer(network, 1);
        GraphEditor editor = network.edit();
        for (Cost.OfNode cost : Cost.perNode(network)) {
            FactoredLayer.of(network, cost.node(), scheme, cost.cost().macs(), shapes)
                    .ifPresent(layer -> layer.split(
                            editor, SingularValues.of(layer.matrix()), Math.min(largest, layer.maximumRank())));
        }
        return editor.build();
    }
}
