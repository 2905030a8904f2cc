package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which layers of a network suffer most from being quantized: each is quantized alone, all others stay in floats. */
public final class LayerSensitivity {

    private static final int IMAGES = 64;

    private LayerSensitivity() {}

    /**
     * @param name of the layer's node
     * @param op of the node
     * @param sqnr of the network's first output with only this layer's weight and input quantized, in decibels: 10 log10(signal power /
     *     error power)
     */
    public record Layer(String name, String op, double sqnr) {}

    /**
     * @param calibrationImages [images, ...]
     * @param options formats, granularity and calibration; no method is applied
     * @return the most sensitive layer first
     */
    public static List<Layer> measure(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, Progress progress) {
        Graph prepared = Quantizer.prepare(network, Items.of(network, calibrationImages));
        QuantizationPlan plan = new QuantizationPlan(prepared, options);
        Map<String, ValueRange> ranges =
                new ActivationRanges(prepared, Items.of(prepared, calibrationImages), options, progress).collect(plan);
        Map<String, Encoding> encodings = new HashMap<>(ActivationEncodings.choose(plan, ranges));
        new QdqWriter(prepared, plan, encodings).write(); // chooses the weights' encodings
        List<Node> layers = prepared.nodes().stream()
                .filter(node -> OperatorKind.of(prepared, node) == OperatorKind.WEIGHTED
                        && encodings.containsKey(node.input(1)))
                .toList();
        FloatTensor few = calibrationImages.slice(0, Math.min(IMAGES, calibrationImages.batch()));
        int batch = ActivationRanges.batch(Items.of(prepared, few));
        FloatTensor expected = Inference.run(prepared, few, batch, options.session());
        List<Layer> sensitivities = new ArrayList<>();
        for (Node layer : layers) {
            progress.report("sensitivity of layers", sensitivities.size(), layers.size(), layer.label());
            Map<String, Encoding> input = new HashMap<>();
            String root = plan.root(layer.input(0));
            if (plan.quantized().contains(root) && encodings.containsKey(root)) {
                input.put(root, encodings.get(root));
            }
            Encodings one = new Encodings(input, Map.of(layer.input(1), encodings.get(layer.input(1))));
            Graph quantized = Quantizer.quantize(prepared, one).graph();
            FloatTensor actual = Inference.run(quantized, few, batch, options.session());
            sensitivities.add(new Layer(layer.label(), layer.op(), sqnr(expected.data(), actual.data())));
        }
        progress.report("sensitivity of layers", layers.size(), layers.size(), "");
        sensitivities.sort(Comparator.comparingDouble(Layer::sqnr));
        return sensitivities;
    }

    static double sqnr(float[] expected, float[] actual) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.length; i++) {
            double error = expected[i] - (double) actual[i];
            signal += expected[i] * (double) expected[i];
            noise += error * error;
        }
        return 10 * Math.log10(signal / noise);
    }
}
