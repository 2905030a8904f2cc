package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GraphExecutorTest {

    @BeforeEach
    void oneThread() {
        Threads.limitTo(1);
    }

    private static Map<String, FloatTensor> train(Graph graph, int steps, int batch) {
        Threads.limitTo(1);
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                Optimizer optimizer = Optimizers.sgd(executor.parameters(), 0.9, true, 1e-4)) {
            FloatTensor images = Nets.normal(7, 64, 1, 28, 28);
            SplittableRandom random = new SplittableRandom(5);
            for (int i = 0; i < steps; i++) {
                try (TensorScope scope = TensorScope.open()) {
                    step(executor, optimizer, images, random, batch);
                }
            }
            return executor.state();
        }
    }

    private static float step(
            GraphExecutor executor, Optimizer optimizer, FloatTensor images, SplittableRandom random, int batch) {
        int[] items = random.ints(batch, 0, images.batch()).toArray();
        int[] labels = java.util.Arrays.stream(items).map(i -> i % 10).toArray();
        optimizer.zeroGradients();
        Tensor logits = executor.forward(Tensor.gather(images, items), Mode.TRAIN);
        Tensor loss = Losses.crossEntropy(logits, labels, 0.1);
        loss.backward();
        optimizer.step(0.05);
        return loss.item();
    }

    private static void assertSameBits(Map<String, FloatTensor> one, Map<String, FloatTensor> other) {
        assertThat(one.keySet()).isEqualTo(other.keySet());
        one.forEach((name, value) ->
                assertThat(value.data()).as(name).isEqualTo(other.get(name).data()));
    }

    @Test
    void evaluatesAsOnnxRuntimeAndAfterTrainingStillDoes() {
        Graph graph = Nets.mobile(1, 1);
        FloatTensor images = Nets.normal(3, 8, 1, 28, 28);
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                Optimizer optimizer = Optimizers.sgd(executor.parameters(), 0.9, true, 1e-4);
                TensorScope scope = TensorScope.open()) {
            assertClose(executor.forward(Tensor.of(images), Mode.EVAL).toFloatTensor(), run(graph, images));
            for (int i = 0; i < 3; i++) {
                step(executor, optimizer, images, new SplittableRandom(i), 8);
            }
            Graph trained = executor.graph();
            assertThat(trained).isNotEqualTo(graph);
            assertClose(executor.forward(Tensor.of(images), Mode.EVAL).toFloatTensor(), run(trained, images));
        }
    }

    private static FloatTensor run(Graph graph, FloatTensor input) {
        try (Session session = Session.open(graph, SessionOptions.defaults())) {
            return session.run(input);
        }
    }

    private static void assertClose(FloatTensor actual, FloatTensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        float largest = 0;
        for (float value : expected.data()) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.data().length; i++) {
            assertThat(actual.data()[i]).isCloseTo(expected.data()[i], within(1e-5f * largest));
        }
    }

    @Test
    void trainingLearns() {
        try (GraphExecutor executor = GraphExecutor.compile(Nets.mobile(1, 1));
                Optimizer optimizer = Optimizers.adamW(executor.parameters(), 0.9, 0.999, 1e-8, 0.01)) {
            FloatTensor images = Nets.normal(7, 32, 1, 28, 28);
            SplittableRandom random = new SplittableRandom(5);
            List<Float> losses = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                try (TensorScope scope = TensorScope.open()) {
                    int[] items = random.ints(32, 0, 32).toArray();
                    int[] labels =
                            java.util.Arrays.stream(items).map(n -> n % 10).toArray();
                    optimizer.zeroGradients();
                    Tensor loss =
                            Losses.crossEntropy(executor.forward(Tensor.gather(images, items), Mode.TRAIN), labels, 0);
                    loss.backward();
                    optimizer.step(0.005);
                    losses.add(loss.item());
                }
            }
            assertThat(losses.getLast()).isLessThan(0.6f * losses.getFirst());
        }
    }

    @Test
    void sameSeedGivesSameBits() {
        Graph graph = Nets.mobile(1, 1);
        assertSameBits(train(graph, 4, 16), train(graph, 4, 16));
    }

    @Test
    void twoThreadsGiveTheBitsOfOneAlone() {
        Map<String, FloatTensor> alone = train(Nets.mobile(1, 1), 4, 16);
        CompletableFuture<Map<String, FloatTensor>> one =
                CompletableFuture.supplyAsync(() -> train(Nets.mobile(1, 1), 4, 16), task -> new Thread(task).start());
        CompletableFuture<Map<String, FloatTensor>> other =
                CompletableFuture.supplyAsync(() -> train(Nets.mobile(2, 1), 4, 16), task -> new Thread(task).start());
        assertSameBits(one.join(), alone);
        assertThat(other.join().get("fc.weight").data())
                .isNotEqualTo(alone.get("fc.weight").data());
    }

    @Test
    void stepsAndExecutorsLeaveNoHandles() {
        train(Nets.mobile(1, 1), 1, 4);
        long before = Pointer.totalCount();
        train(Nets.mobile(1, 1), 3, 4);
        // fewer where the collector has come to what a thread that has ended left
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    @Test
    void forwardOutsideAScopeLeavesOnlyItsResult() {
        try (GraphExecutor executor = GraphExecutor.compile(Nets.mobile(1, 1))) {
            long before = Pointer.totalCount();
            try (Tensor input = Tensor.of(Nets.normal(1, 2, 1, 28, 28));
                    Tensor output = executor.forward(input, Mode.EVAL)) {
                assertThat(output.shape()).containsExactly(2, 10);
                assertThat(Pointer.totalCount()).isEqualTo(before + 2);
            }
            assertThat(Pointer.totalCount()).isEqualTo(before);
        }
    }

    @Test
    void trainingUpdatesStatisticsByOnnxMomentum() {
        SplittableRandom random = new SplittableRandom(1);
        GraphEditor g = GraphEditor.create("bn").input(Nets.input(-1, 3, 2, 2));
        Graph graph = Nets.finish(g, Nets.batchNorm(g, random, "x", 3));
        FloatTensor input = Nets.normal(4, 2, 3, 2, 2);
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            Map<String, FloatTensor> before = executor.state();
            executor.forward(Tensor.of(input), Mode.FROZEN);
            assertSameBits(executor.state(), before);
            executor.forward(Tensor.of(input), Mode.TRAIN);
            Map<String, FloatTensor> after = executor.state();
            for (int c = 0; c < 3; c++) {
                double sum = 0;
                double squares = 0;
                for (int n = 0; n < 2; n++) {
                    for (int i = 0; i < 4; i++) {
                        float value = input.data()[n * 12 + c * 4 + i];
                        sum += value;
                        squares += value * value;
                    }
                }
                double mean = sum / 8;
                double variance = (squares - 8 * mean * mean) / 7;
                assertThat(after.get("bn.mean").data()[c])
                        .isCloseTo((float) (0.9 * before.get("bn.mean").data()[c] + 0.1 * mean), within(1e-6f));
                assertThat(after.get("bn.var").data()[c])
                        .isCloseTo((float) (0.9 * before.get("bn.var").data()[c] + 0.1 * variance), within(1e-6f));
            }
            assertThat(executor.parameters()).extracting(Parameter::name).containsExactly("bn.scale", "bn.bias");
        }
    }

    @Test
    void batchNormalizationsThatShareAnInitializerAreSeparated() {
        SplittableRandom random = new SplittableRandom(1);
        GraphEditor g = GraphEditor.create("shared").input(Nets.input(-1, 3, 2, 2));
        String first = Nets.batchNorm(g, random, "x", 3);
        String second = g.add("BatchNormalization", "second", first, "bn.scale", "bn.bias", "bn.mean", "bn.var");
        Graph graph = Nets.finish(g, second);
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            executor.forward(Tensor.of(Nets.normal(4, 2, 3, 2, 2)), Mode.TRAIN);
            assertThat(executor.state()).hasSize(8);
            assertThat(executor.parameters()).hasSize(4);
            assertThat(executor.graph().nodes().get(0).input(3))
                    .isNotEqualTo(executor.graph().nodes().get(1).input(3));
        }
    }

    @Test
    void stateIsRestoredExactly() {
        Graph graph = Nets.mobile(1, 1);
        Map<String, FloatTensor> trained = train(graph, 2, 8);
        try (GraphExecutor executor = GraphExecutor.compile(graph)) {
            executor.restore(trained);
            assertSameBits(executor.state(), trained);
            Map<String, FloatTensor> less = new LinkedHashMap<>(trained);
            less.remove("fc.bias");
            assertThatThrownBy(() -> executor.restore(less)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void weightsDecayAndBiasesDoNot() {
        try (GraphExecutor executor = GraphExecutor.compile(Nets.mobile(1, 1))) {
            assertThat(executor.parameters())
                    .allSatisfy(p -> assertThat(p.decay()).isEqualTo(p.tensor().shape().length > 1));
        }
    }

    @Test
    void namesNodesThatCannotBeTrainedBeforeAnyWork() {
        GraphEditor g = GraphEditor.create("odd").input(Nets.input(-1, 4, 8, 8));
        String y = g.add("NonZero", "find", "x");
        Graph graph = Nets.finish(
                g,
                g.add(Node.of("MaxPool", "pool", List.of(y), List.of("out"))
                        .withIntegers("kernel_shape", 2, 2)
                        .withInteger("storage_order", 1)));
        assertThat(GraphExecutor.unsupported(graph)).hasSize(2);
        assertThatThrownBy(() -> GraphExecutor.compile(graph))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("node 'find' uses op 'NonZero'")
                .hasMessageContaining("node 'pool' (MaxPool): storage_order 1");
    }

    /** As PyTorch's exporter writes the shape of a scalar, and what is left of a tensor that was sliced to nothing. */
    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"INT64", "FLOAT"})
    void constantsMayBeEmpty(ElementType type) {
        GraphEditor editor =
                GraphEditor.create("empty").input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 2));
        editor.initializer(
                "none",
                type == ElementType.INT64
                        ? TensorValue.ofLongs(new long[0], 0)
                        : TensorValue.ofFloats(new float[0], 0, 2));
        editor.add(Node.of("Concat", "with", List.of(type == ElementType.INT64 ? "shape" : "x", "none"), List.of("y"))
                .withInteger("axis", 0));
        editor.add("Shape", "shape", "x");
        Graph graph = editor.output(ValueInfo.unranked("y", type)).build();
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            Tensor y = executor.forward(Tensor.of(Nets.normal(1, 3, 2)), Mode.EVAL);
            assertThat(y.shape()).containsExactly(type == ElementType.INT64 ? new long[] {2} : new long[] {3, 2});
        }
    }

    @Test
    void networksThatInsistOnTheirNumberOfItemsSaySo() {
        GraphEditor editor = GraphEditor.create("one").input(new ValueInfo("x", ElementType.FLOAT, 1, 2));
        editor.initializer("token", TensorValue.ofFloats(new float[2], 1, 2));
        editor.add(
                Node.of("Concat", "join", List.of("token", "x"), List.of("y")).withInteger("axis", 1));
        Graph graph = editor.output(ValueInfo.unranked("y", ElementType.FLOAT)).build();
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            assertThat(executor.forward(Tensor.of(Nets.normal(1, 1, 2)), Mode.EVAL)
                            .shape())
                    .containsExactly(1, 4);
            assertThatThrownBy(() -> executor.forward(Tensor.of(Nets.normal(1, 3, 2)), Mode.EVAL))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining(
                            "exported for 1 items at a time and cannot be trained with 3: node 'join' (Concat)")
                    .hasMessageEndingWith(
                            "export it with a dynamic batch (dynamic_axes or dynamic_shapes of torch.onnx.export)");
        }
    }

    @Test
    void shapesThatDoNotFitNameTheNodeInOneLine() {
        try (GraphExecutor executor = GraphExecutor.compile(Nets.mobile(1, 1));
                TensorScope scope = TensorScope.open()) {
            assertThatThrownBy(() -> executor.forward(Tensor.of(Nets.normal(1, 2, 3, 28, 28)), Mode.EVAL))
                    .isInstanceOf(TensorException.class)
                    .hasMessageStartingWith("node 'conv' (Conv): Given groups=1")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void tapsSeeAndReplace() {
        Graph graph = Nets.mobile(1, 1);
        List<String> seen = new ArrayList<>();
        List<Tensor> kept = new ArrayList<>();
        Taps taps = new Taps() {
            @Override
            public Tensor weight(String name, Tensor value) {
                return name.equals("fc.bias") ? value.times(0) : value;
            }

            @Override
            public Tensor activation(String tensor, Tensor value) {
                seen.add(tensor);
                if (tensor.equals("bn_out")) {
                    kept.add(value.alias().keep());
                }
                return tensor.equals("flat") ? value.times(0) : value;
            }
        };
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            FloatTensor out = executor.forward(Map.of("x", Tensor.of(Nets.normal(1, 2, 1, 28, 28))), Mode.EVAL, taps)
                    .get("logits")
                    .toFloatTensor();
            assertThat(out.data()).containsOnly(0f);
        }
        assertThat(seen).hasSize(1 + graph.nodes().size()).startsWith("x", "conv_out");
        // Held before the Clip that would otherwise overwrite it.
        assertThat(kept.getFirst().abs().minus(kept.getFirst()).sum().item()).isPositive();
        kept.forEach(Tensor::close);
    }

    @Test
    void initializersOfConstantNodesAreUsed() {
        GraphEditor g = GraphEditor.create("constant").input(Nets.input(-1, 2));
        String c = g.add(Node.of("Constant", "c", List.of(), List.of("c_out"))
                .withTensor("value", TensorValue.ofFloats(new float[] {1, 2}, 2)));
        Graph graph = Nets.finish(g, g.add("Mul", "mul", "x", c));
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            assertThat(executor.forward(Tensor.of(new float[] {3, 4}, 1, 2), Mode.EVAL)
                            .toFloatTensor()
                            .data())
                    .containsExactly(3, 8);
        }
    }

    /** Without taps Relu and Clip overwrite their input; the gradients must not notice. */
    @Test
    void overwritingChangesNoGradient() {
        Taps nothing = new Taps() {};
        FloatTensor images = Nets.normal(1, 8, 1, 28, 28);
        try (GraphExecutor plain = GraphExecutor.compile(Nets.mobile(1, 1));
                GraphExecutor tapped = GraphExecutor.compile(Nets.mobile(1, 1));
                TensorScope scope = TensorScope.open()) {
            int[] labels = {0, 1, 2, 3, 4, 5, 6, 7};
            Losses.crossEntropy(plain.forward(Tensor.of(images), Mode.TRAIN), labels, 0)
                    .backward();
            Losses.crossEntropy(
                            tapped.forward(Map.of("x", Tensor.of(images)), Mode.TRAIN, nothing)
                                    .get("logits"),
                            labels,
                            0)
                    .backward();
            for (int i = 0; i < plain.parameters().size(); i++) {
                Parameter parameter = plain.parameters().get(i);
                assertThat(parameter.tensor().gradient().orElseThrow().data())
                        .as(parameter.name())
                        .isEqualTo(tapped.parameters()
                                .get(i)
                                .tensor()
                                .gradient()
                                .orElseThrow()
                                .data());
            }
        }
    }

    @Test
    void biasesThatShareAnInitializerAreSeparated() {
        SplittableRandom random = new SplittableRandom(1);
        GraphEditor g = GraphEditor.create("shared").input(Nets.input(-1, 4));
        g.initializer("w", Nets.weights(random, 1, 4, 4));
        g.initializer("b", Nets.weights(random, 1, 4));
        Graph graph = Nets.finish(g, g.add("Gemm", "two", g.add("Gemm", "one", "x", "w", "b"), "w", "b"));
        try (GraphExecutor executor = GraphExecutor.compile(graph)) {
            // The weight stays shared: that is a choice of whoever built the network.
            assertThat(executor.parameters()).extracting(Parameter::name).containsExactly("w", "b_1", "b");
        }
    }
}
