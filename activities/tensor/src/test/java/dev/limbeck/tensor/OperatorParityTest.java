package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator and mode against ONNX Runtime, and its gradients against finite differences. */
class OperatorParityTest {

    static List<Case> all() {
        return OperatorCases.all();
    }

    static List<Case> smooth() {
        return OperatorCases.all().stream().filter(Case::smooth).toList();
    }

    @Test
    void everyOperatorHasACase() {
        List<String> tested =
                OperatorCases.all().stream().map(Case::operator).distinct().toList();
        List<String> untested = new ArrayList<>(List.of(Operators.all().names().split(", ")));
        untested.removeAll(tested);
        assertThat(untested).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    void computesAsOnnxRuntime(Case test) {
        for (int operatorSet : test.operatorSets()) {
            Graph graph = test.graph(operatorSet);
            FloatTensor expected;
            try (Session session = Session.open(graph, SessionOptions.defaults().withOptimization(Optimization.NONE))) {
                expected = session.run(test.input());
            }
            try (GraphExecutor executor = GraphExecutor.compile(graph);
                    TensorScope scope = TensorScope.open()) {
                FloatTensor actual =
                        executor.forward(Tensor.of(test.input()), Mode.EVAL).toFloatTensor();
                assertThat(actual.shape()).as("operator set " + operatorSet).isEqualTo(expected.shape());
                assertThat(inferred(graph)).as("inferred").isEqualTo(expected.shape());
                float largest = 1e-3f;
                for (float value : expected.data()) {
                    largest = Math.max(largest, Math.abs(value));
                }
                for (int i = 0; i < expected.data().length; i++) {
                    assertThat(actual.data()[i])
                            .as("element " + i + " in operator set " + operatorSet)
                            .isCloseTo(
                                    expected.data()[i], within(test.difference().bound() * largest));
                }
            }
        }
    }

    private static long[] inferred(Graph graph) {
        return ShapeInference.infer(graph, Map.of())
                .get(graph.outputs().getFirst().name())
                .shape();
    }

    /** The slope of sum(output * r) along a random direction, for the input and for every parameter. */
    @ParameterizedTest
    @MethodSource("smooth")
    void gradientsAreThoseOfFiniteDifferences(Case test) {
        try (GraphExecutor executor = GraphExecutor.compile(test.graph(test.last()));
                TensorScope scope = TensorScope.open()) {
            Tensor input = Tensor.of(test.input()).requireGradient();
            Tensor output = executor.forward(input, Mode.FROZEN);
            FloatTensor weights = Nets.normal(99, output.shape());
            output.times(Tensor.of(weights)).sum().backward();
            List<Tensor> leaves = new ArrayList<>(List.of(input));
            executor.parameters().forEach(p -> leaves.add(p.tensor()));
            for (Tensor leaf : leaves) {
                FloatTensor gradient = leaf.gradient().orElseThrow();
                FloatTensor before = leaf.toFloatTensor();
                FloatTensor direction = Nets.normal(new SplittableRandom(5).nextLong(), before.shape());
                double slope = 0;
                double size = 0;
                for (int i = 0; i < gradient.data().length; i++) {
                    slope += (double) gradient.data()[i] * direction.data()[i];
                    size += Math.abs((double) gradient.data()[i] * direction.data()[i]);
                }
                float step = 1e-3f;
                double above = value(executor, input, leaf, before, direction, step, weights);
                double below = value(executor, input, leaf, before, direction, -step, weights);
                leaf.set(before);
                assertThat((above - below) / (2 * step)).isCloseTo(slope, within(0.02 * size + 1e-3));
            }
        }
    }

    private static double value(
            GraphExecutor executor,
            Tensor input,
            Tensor leaf,
            FloatTensor before,
            FloatTensor direction,
            float step,
            FloatTensor weights) {
        float[] moved = before.data().clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += step * direction.data()[i];
        }
        leaf.set(new FloatTensor(moved, before.shape()));
        FloatTensor output = executor.forward(input, Mode.EVAL).toFloatTensor();
        double sum = 0;
        for (int i = 0; i < output.data().length; i++) {
            sum += (double) output.data()[i] * weights.data()[i];
        }
        return sum;
    }
}
