package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import dev.limbeck.tensor.Threads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The quantized reference in ONNX Runtime's integer kernels, in its float ones, and in the executor. */
class SimulationTest {

    /** Sums of integer products that saturate on no processor, also not on those of x86 without VNNI. */
    private static final SessionOptions INTEGERS = SessionOptions.defaults().withExactSums();

    private static final SessionOptions FLOATS = SessionOptions.defaults().withOptimization(Optimization.NONE);
    private static final int BATCH = 50;

    private static Graph quantized;
    private static ImageDataset test;

    @BeforeAll
    static void quantize() {
        Threads.limitTo(1);
        Graph reference = Graph.read(Path.of("../../examples/fashion-mnist/reference.onnx"));
        ImageDataset training = TestData.fashionMnist().train().fitting(reference);
        quantized = Quantizer.quantize(reference, training.batch(0, 256), QuantizeOptions.defaults())
                .graph();
        test = TestData.fashionMnist().test().fitting(reference);
    }

    private static FloatTensor simulate(GraphExecutor executor, Map<String, FloatTensor> inputs) {
        try (TensorScope scope = TensorScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            inputs.forEach((name, value) -> tensors.put(name, Tensor.of(value)));
            return executor.forward(tensors, Mode.EVAL)
                    .values()
                    .iterator()
                    .next()
                    .toFloatTensor();
        }
    }

    private static int label(float[] logits, int image) {
        int best = 0;
        for (int c = 1; c < 10; c++) {
            best = logits[10 * image + c] > logits[10 * image + best] ? c : best;
        }
        return best;
    }

    @Test
    void labelsAreThoseOfTheIntegerRun() {
        int images = 2000;
        FloatTensor items = test.batch(0, images);
        float[] integers = Inference.run(quantized, items, BATCH, INTEGERS).data();
        float[] floats = Inference.run(quantized, items, BATCH, FLOATS).data();
        String input = quantized.inputs().getFirst().name();
        int differInRuntime = 0;
        int differInExecutor = 0;
        try (GraphExecutor executor = GraphExecutor.compile(quantized)) {
            for (int from = 0; from < images; from += BATCH) {
                float[] simulated = simulate(executor, Map.of(input, items.slice(from, from + BATCH)))
                        .data();
                for (int i = 0; i < BATCH; i++) {
                    differInRuntime += label(integers, from + i) == label(floats, from + i) ? 0 : 1;
                    differInExecutor += label(integers, from + i) == label(simulated, i) ? 0 : 1;
                }
            }
        }
        assertThat(differInRuntime).isLessThanOrEqualTo(images / 1000);
        assertThat(differInExecutor).isLessThanOrEqualTo(images / 1000);
    }

    @Test
    void everyLayerAgreesWithinAStepGivenTheSameInputs() {
        FloatTensor items = test.batch(0, 20);
        Map<String, FloatTensor> values = quantizedTensors(items);
        int layers = 0;
        for (Node quantize : quantized.nodes()) {
            if (!quantize.op().equals("QuantizeLinear") || isInput(quantize.input(0))) {
                continue;
            }
            Layer layer = Layer.ending(quantize);
            Map<String, FloatTensor> inputs = new LinkedHashMap<>();
            layer.sources().forEach(source -> inputs.put(source, values.get(source)));
            FloatTensor integers = run(layer.graph(), inputs, INTEGERS);
            FloatTensor floats = run(layer.graph(), inputs, FLOATS);
            FloatTensor simulated;
            try (GraphExecutor executor = GraphExecutor.compile(layer.graph())) {
                simulated = simulate(executor, inputs);
            }
            float step = quantized.initializers().get(quantize.input(1)).scalarFloat();
            assertWithin(step, integers, floats, quantize.label());
            assertWithin(step, integers, simulated, quantize.label());
            layers++;
        }
        assertThat(layers).isGreaterThan(20);
    }

    private static boolean isInput(String tensor) {
        return quantized.inputs().getFirst().name().equals(tensor);
    }

    /** What the network makes of images before it quantizes it, and the images. */
    private static Map<String, FloatTensor> quantizedTensors(FloatTensor items) {
        List<String> tensors = new ArrayList<>();
        for (Node node : quantized.nodes()) {
            if (node.op().equals("QuantizeLinear") && !isInput(node.input(0))) {
                tensors.add(node.input(0));
            }
        }
        Map<String, FloatTensor> values =
                new LinkedHashMap<>(Activations.collect(quantized, tensors, items, items.batch(), FLOATS));
        values.put(quantized.inputs().getFirst().name(), items);
        return values;
    }

    private static FloatTensor run(Graph graph, Map<String, FloatTensor> inputs, SessionOptions options) {
        try (Session session = Session.open(graph, options)) {
            return session.run(inputs).values().iterator().next();
        }
    }

    private static void assertWithin(float step, FloatTensor expected, FloatTensor actual, String layer) {
        int apart = 0;
        for (int i = 0; i < expected.data().length; i++) {
            float steps = Math.abs(expected.data()[i] - actual.data()[i]) / step;
            assertThat(steps).as(layer).isLessThan(1.001f);
            apart += steps > 0.5 ? 1 : 0;
        }
        assertThat(apart).as("values a step apart: " + layer).isLessThan(expected.data().length / 100);
    }

    /**
     * What lies between the quantized inputs of a layer and its quantized output, with both.
     *
     * @param sources the float tensors whose quantized copies the layer reads
     */
    private record Layer(Graph graph, List<String> sources) {

        static Layer ending(Node quantize) {
            Node operator = quantized.producer(quantize.input(0)).orElseThrow();
            List<String> sources = new ArrayList<>();
            for (String input : operator.inputs()) {
                quantized
                        .producer(input)
                        .filter(node -> !quantized.initializers().containsKey(node.input(0)))
                        .flatMap(dequantize -> quantized.producer(dequantize.input(0)))
                        .map(node -> node.input(0))
                        .filter(source -> !sources.contains(source))
                        .ifPresent(sources::add);
            }
            GraphEditor editor = quantized.edit().clearInputs().clearOutputs();
            for (String source : sources) {
                quantized.producer(source).ifPresent(editor::remove);
                editor.input(ValueInfo.unranked(source, ElementType.FLOAT));
            }
            String output = quantized.consumers(quantize.output(0)).getFirst().output(0);
            return new Layer(
                    editor.output(ValueInfo.unranked(output, ElementType.FLOAT)).build(), sources);
        }
    }
}
