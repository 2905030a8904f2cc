package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Losses, optimizers, averages and batches against values computed by hand. */
class TrainingTest {

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static double[] softmax(float... logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        double[] result = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            result[i] = Math.exp(logits[i]) / sum;
        }
        return result;
    }

    @Test
    void crossEntropySmoothsLabels() {
        Tensor logits = Tensor.of(new float[] {1, 2, 3, 0, 0, 1}, 2, 3).requireGradient();
        Tensor loss = Losses.crossEntropy(logits, new int[] {2, 0}, 0.3);
        double[] first = softmax(1, 2, 3);
        double[] second = softmax(0, 0, 1);
        double expected = -(0.1 * Math.log(first[0]) + 0.1 * Math.log(first[1]) + 0.8 * Math.log(first[2])) / 2
                - (0.8 * Math.log(second[0]) + 0.1 * Math.log(second[1]) + 0.1 * Math.log(second[2])) / 2;
        assertThat(loss.item()).isCloseTo((float) expected, within(1e-6f));
        loss.backward();
        assertThat(logits.gradient().orElseThrow().data()[2]).isCloseTo((float) (first[2] - 0.8) / 2, within(1e-6f));
    }

    @Test
    void labelsBeyondTheClassesAreRefusedInOneLine() {
        Tensor logits = Tensor.of(new float[] {1, 2}, 1, 2);
        assertThatThrownBy(() -> Losses.crossEntropy(logits, new int[] {2}, 0))
                .isInstanceOf(TensorException.class)
                .hasMessage("crossEntropy: Target 2 is out of bounds.");
    }

    @Test
    void distillationIsScaledDivergence() {
        Tensor student = Tensor.of(new float[] {1, 2, 3}, 1, 3).requireGradient();
        Tensor teacher = Tensor.of(new float[] {3, 1, 0}, 1, 3);
        double[] p = softmax(1.5f, 0.5f, 0);
        double[] q = softmax(0.5f, 1, 1.5f);
        double divergence = 0;
        for (int i = 0; i < 3; i++) {
            divergence += p[i] * Math.log(p[i] / q[i]);
        }
        Tensor loss = Losses.distillation(student, teacher, 2);
        assertThat(loss.item()).isCloseTo((float) (4 * divergence), within(1e-5f));
        loss.backward();
        assertThat(student.gradient().orElseThrow().data()[0]).isCloseTo((float) (2 * (q[0] - p[0])), within(1e-5f));
        assertThat(Losses.distillation(teacher, teacher, 3).item()).isZero();
    }

    @Test
    void noiseToSignalWeighsChannels() {
        FloatTensor student = Nets.normal(1, 2, 3, 4, 5);
        FloatTensor teacher = Nets.normal(2, 2, 3, 4, 5);
        float[] inverse = {0.5f, 2, 4};
        double expected = 0;
        for (int i = 0; i < student.data().length; i++) {
            double error = student.data()[i] - teacher.data()[i];
            expected += error * error * inverse[i / 20 % 3] / 120;
        }
        assertThat(Losses.noiseToSignal(Tensor.of(student), Tensor.of(teacher), inverse)
                        .item())
                .isCloseTo((float) expected, within(1e-5f));
        // [n, tokens, c]: channels last
        Tensor ones = Tensor.of(new float[] {1, 1, 1, 1}, 1, 2, 2);
        Tensor zeros = Tensor.of(new float[4], 1, 2, 2);
        assertThat(Losses.noiseToSignal(ones, zeros, new float[] {1, 3}).item()).isCloseTo(2, within(1e-6f));
    }

    /** y = x * w, so that the gradient of sum(y) with x = 1 is 1 for each step. */
    private static Graph product() {
        GraphEditor g = GraphEditor.create("product").input(Nets.input(-1, 2));
        g.initializer("w", TensorValue.ofFloats(new float[] {1, -2}, 2, 1));
        return Nets.finish(g, g.add("MatMul", "y", "x", "w"));
    }

    private static float[] run(Function<List<Parameter>, Optimizer> make, int steps, int interruptedAfter) {
        try (GraphExecutor executor = GraphExecutor.compile(product())) {
            Optimizer optimizer = make.apply(executor.parameters());
            for (int i = 0; i < steps; i++) {
                if (i == interruptedAfter) {
                    Map<String, FloatTensor> saved = optimizer.state();
                    optimizer.close();
                    optimizer = make.apply(executor.parameters());
                    optimizer.restore(saved);
                }
                try (TensorScope step = TensorScope.open()) {
                    optimizer.zeroGradients();
                    Tensor y = executor.forward(Tensor.of(new float[] {1, 2}, 1, 2), Mode.TRAIN);
                    y.square().sum().backward();
                    optimizer.step(0.01 * (i + 1));
                }
            }
            optimizer.close();
            return executor.state().get("w").data();
        }
    }

    @Test
    void sgdFollowsItsRule() {
        for (boolean nesterov : new boolean[] {false, true}) {
            double[] w = {1, -2};
            double[] v = new double[2];
            for (int step = 1; step <= 4; step++) {
                double y = w[0] + 2 * w[1];
                for (int i = 0; i < 2; i++) {
                    double g = 2 * y * (i + 1) + 0.1 * w[i];
                    v[i] = 0.9 * v[i] + g;
                    w[i] -= 0.01 * step * (nesterov ? g + 0.9 * v[i] : v[i]);
                }
            }
            float[] actual = run(p -> Optimizers.sgd(p, 0.9, nesterov, 0.1), 4, -1);
            assertThat(actual[0]).isCloseTo((float) w[0], within(1e-5f));
            assertThat(actual[1]).isCloseTo((float) w[1], within(1e-5f));
        }
    }

    @Test
    void adamWFollowsItsRule() {
        double[] w = {1, -2};
        double[] m = new double[2];
        double[] v = new double[2];
        for (int step = 1; step <= 4; step++) {
            double y = w[0] + 2 * w[1];
            for (int i = 0; i < 2; i++) {
                double g = 2 * y * (i + 1);
                double rate = 0.01 * step;
                w[i] *= 1 - rate * 0.1;
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.99 * v[i] + 0.01 * g * g;
                w[i] -= rate * m[i] / (1 - Math.pow(0.9, step)) / (Math.sqrt(v[i] / (1 - Math.pow(0.99, step))) + 1e-8);
            }
        }
        float[] actual = run(p -> Optimizers.adamW(p, 0.9, 0.99, 1e-8, 0.1), 4, -1);
        assertThat(actual[0]).isCloseTo((float) w[0], within(1e-5f));
        assertThat(actual[1]).isCloseTo((float) w[1], within(1e-5f));
    }

    @Test
    void optimizersTakenUpAgainGiveTheSameBits() {
        Function<List<Parameter>, Optimizer> sgd = p -> Optimizers.sgd(p, 0.9, true, 0.1);
        Function<List<Parameter>, Optimizer> adamW = p -> Optimizers.adamW(p, 0.9, 0.99, 1e-8, 0.1);
        assertThat(run(sgd, 5, 3)).isEqualTo(run(sgd, 5, -1));
        assertThat(run(adamW, 5, 3)).isEqualTo(run(adamW, 5, -1));
    }

    @Test
    void averagesFollowTheWeights() {
        try (GraphExecutor executor = GraphExecutor.compile(product());
                Ema ema = new Ema(executor, 0.75)) {
            executor.parameters().getFirst().tensor().set(new FloatTensor(new float[] {5, 2}, 2, 1));
            ema.update();
            assertThat(ema.state().get("w").data()).containsExactly(2, -1);
            executor.restore(ema.state());
            assertThat(executor.state().get("w").data()).containsExactly(2, -1);
        }
    }

    @Test
    void gathersItems() {
        FloatTensor source = new FloatTensor(new float[] {0, 1, 2, 3, 4, 5}, 3, 2);
        FloatTensor batch = Tensor.gather(source, new int[] {2, 0, 2}).toFloatTensor();
        assertThat(batch.shape()).containsExactly(3, 2);
        assertThat(batch.data()).containsExactly(4, 5, 0, 1, 4, 5);
    }

    @Test
    void dropoutDrawsFromTheExecutorsOwnSeed() {
        GraphEditor g = GraphEditor.create("dropout").input(Nets.input(-1, 1000));
        g.initializer("ratio", TensorValue.scalar(0.25f));
        Graph graph = Nets.finish(g, g.add("Dropout", "y", "x", "ratio"));
        float[] ones = new float[1000];
        java.util.Arrays.fill(ones, 1);
        try (GraphExecutor executor = GraphExecutor.compile(graph, Compute.DEFAULT, 3)) {
            float[] first = drop(executor, ones);
            float[] second = drop(executor, ones);
            executor.reseed(3);
            assertThat(drop(executor, ones)).isEqualTo(first).isNotEqualTo(second);
            assertThat(first).containsOnly(0f, 4 / 3f);
            float sum = 0;
            for (float value : first) {
                sum += value;
            }
            assertThat(sum).isBetween(900f, 1100f);
        }
    }

    private static float[] drop(GraphExecutor executor, float[] ones) {
        return executor.forward(Tensor.of(ones, 1, 1000), Mode.TRAIN)
                .toFloatTensor()
                .data();
    }

    @Test
    void straightThroughGradientIsOneInsideTheRangeAndZeroBeyond() {
        GraphEditor g = GraphEditor.create("fake").input(Nets.input(-1));
        g.initializer("s", TensorValue.scalar(0.1f));
        g.initializer("z", TensorValue.ofBytes(dev.limbeck.graph.ElementType.UINT8, new byte[] {10}));
        String q = g.add(Node.of("QuantizeLinear", "q", List.of("x", "s", "z"), List.of("q")));
        Graph graph = Nets.finish(g, g.add("DequantizeLinear", "y", q, "s", "z"));
        try (GraphExecutor executor = GraphExecutor.compile(graph)) {
            Tensor x =
                    Tensor.of(new float[] {-3, -0.96f, 0.04f, 0.27f, 20, 30}, 6).requireGradient();
            Tensor y = executor.forward(x, Mode.TRAIN);
            y.sum().backward();
            assertThat(x.gradient().orElseThrow().data()).containsExactly(0, 1, 1, 1, 1, 0);
            assertThat(y.toFloatTensor().data())
                    .containsExactly(new float[] {-1, -1, 0, 0.3f, 20, 24.5f}, within(1e-5f));
        }
    }

    @Test
    void useAfterCloseSaysSo() {
        Tensor tensor = Tensor.scalar(1);
        tensor.close();
        assertThatThrownBy(() -> tensor.plus(1))
                .isInstanceOf(TensorException.class)
                .hasMessageContaining("had been closed");
    }
}
