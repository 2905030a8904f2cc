package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.testing.ExportedNetwork;
import dev.limbeck.testing.ThirdPartyNetwork;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks that others trained, or that exporters of others wrote, run here as in ONNX Runtime, and learn. */
class ForeignNetworksTest {

    /** Items of each batch: the networks take any. */
    private static final int ITEMS = 2;

    private static final double NOISE = 0.02;

    /** Of the range of the outputs. */
    private static final float TOLERANCE = 1e-3f;

    private static final float LEAST_RANGE = 0.1f;

    /** A network and its inputs. */
    private record Case(Graph graph, Map<String, FloatTensor> inputs) {

        private static Case of(ThirdPartyNetwork network) {
            Map<String, FloatTensor> batch = new LinkedHashMap<>();
            network.inputs().forEach((name, value) -> batch.put(name, value.slice(0, ITEMS)));
            return new Case(network.graph(), batch);
        }

        private static Case of(ExportedNetwork network) {
            return new Case(network.graph(), network.inputs(ITEMS));
        }
    }

    static Stream<Arguments> networks() {
        return Stream.concat(
                Arrays.stream(ThirdPartyNetwork.values()).map(n -> arguments(named(n.name(), Case.of(n)))),
                Arrays.stream(ExportedNetwork.values()).map(n -> arguments(named(n.name(), Case.of(n)))));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void computesAsOnnxRuntime(Case network) {
        Graph graph = network.graph();
        Map<String, FloatTensor> inputs = network.inputs();
        FloatTensor expected = expected(graph, inputs);
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            FloatTensor actual = run(executor, inputs, Mode.EVAL).toFloatTensor();
            assertThat(actual.shape()).isEqualTo(expected.shape());
            float low = Float.POSITIVE_INFINITY;
            float high = Float.NEGATIVE_INFINITY;
            float difference = 0;
            for (int i = 0; i < expected.data().length; i++) {
                low = Math.min(low, expected.data()[i]);
                high = Math.max(high, expected.data()[i]);
                difference = Math.max(difference, Math.abs(expected.data()[i] - actual.data()[i]));
            }
            // No network answers its inputs with a constant.
            assertThat(high - low).isGreaterThan(LEAST_RANGE);
            assertThat(difference).isLessThanOrEqualTo(TOLERANCE * (high - low));
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void aStepOfDistillationLowersTheLoss(Case network) {
        Map<String, FloatTensor> inputs = network.inputs();
        try (GraphExecutor student = GraphExecutor.compile(network.graph());
                Optimizer optimizer = Optimizers.sgd(student.parameters(), 0, false, 0);
                TensorScope scope = TensorScope.open()) {
            Tensor teacher = run(student, inputs, Mode.EVAL);
            student.restore(noisy(student.state(), student.parameters()));
            Tensor before =
                    run(student, inputs, Mode.FROZEN).minus(teacher).square().mean();
            before.backward();
            optimizer.step(rate(student.parameters(), before.item()));
            Tensor after =
                    run(student, inputs, Mode.EVAL).minus(teacher).square().mean();
            assertThat(after.item()).isLessThan(before.item()).isNotNegative();
        }
    }

    /** A tenth of the way to where the loss would vanish if it were linear (Polyak 1987): fits networks of any scale. */
    private static double rate(List<Parameter> parameters, float loss) {
        double squares = 0;
        for (Parameter parameter : parameters) {
            for (float g : parameter.tensor().gradient().map(FloatTensor::data).orElse(new float[0])) {
                squares += (double) g * g;
            }
        }
        return 0.1 * loss / squares;
    }

    private static Map<String, FloatTensor> noisy(Map<String, FloatTensor> state, List<Parameter> parameters) {
        SplittableRandom random = new SplittableRandom(8);
        Map<String, FloatTensor> noisy = new HashMap<>(state);
        for (Parameter parameter : parameters) {
            FloatTensor value = state.get(parameter.name());
            float[] moved = value.data().clone();
            for (int i = 0; i < moved.length; i++) {
                moved[i] *= (float) (1 + NOISE * random.nextGaussian());
            }
            noisy.put(parameter.name(), new FloatTensor(moved, value.shape()));
        }
        return noisy;
    }

    private static FloatTensor expected(Graph graph, Map<String, FloatTensor> inputs) {
        try (Session session = Session.open(graph, SessionOptions.defaults())) {
            return session.run(inputs).values().iterator().next();
        }
    }

    private static Tensor run(GraphExecutor executor, Map<String, FloatTensor> inputs, Mode mode) {
        Map<String, Tensor> tensors = new HashMap<>();
        inputs.forEach((name, value) -> tensors.put(name, Tensor.of(value)));
        return executor.forward(tensors, mode).values().iterator().next();
    }
}
