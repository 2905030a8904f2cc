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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Which layers of a network suffer most from being quantized: each is quantized alone, all others stay in floats; or the reverse. */
public final class LayerSensitivity {

    private static final int IMAGES = 64;

    private final Graph prepared;
    private final QuantizationPlan plan;
    private final Map<String, Encoding> encodings;
    private final List<Node> layers;
    private final QuantizeOptions options;
    private final Items few;
    private final float[] expected;

    private LayerSensitivity(Graph network, Items images, QuantizeOptions options, Progress progress) {
        this.options = options;
        this.prepared = Quantizer.prepare(network, images);
        this.plan = new QuantizationPlan(prepared, options);
        Map<String, ValueRange> ranges = new ActivationRanges(prepared, images, options, progress).collect(plan);
        this.encodings = new HashMap<>(ActivationEncodings.choose(plan, ranges));
        new QdqWriter(prepared, plan, encodings).write(); // chooses the weights' encodings
        this.layers = prepared.nodes().stream()
                .filter(node -> OperatorKind.of(prepared, node) == OperatorKind.WEIGHTED
                        && encodings.containsKey(node.input(1)))
                .toList();
        this.few = images.slice(0, Math.min(IMAGES, images.count()));
        this.expected = run(prepared);
    }

    /**
     * @param name of the layer's node
     * @param op of the node
     * @param sqnr of the network's first output with only this layer's weight and input quantized, in decibels: 10 log10(signal power /
     *     error power)
     */
    public record Layer(String name, String op, double sqnr) {}

    /**
     * Both ways for a layer.
     *
     * @param alone output SQNR in decibels with only this layer's weight and input quantized
     * @param without output SQNR in decibels with all but this layer's weight and input quantized
     */
    public record BothWays(String name, String op, double alone, double without) {}

    /**
     * @param all output SQNR in decibels with every layer's weight and input quantized
     * @param of how many layers there are
     * @param layers in the order of the graph
     */
    public record Whole(double all, int of, List<BothWays> layers) {}

    /** Keeps what a network came to, so that it is not run again. */
    public interface Memory {
        double of(String key, DoubleSupplier score);
    }

    /**
     * @param calibrationImages [images, ...]
     * @param options formats, granularity and calibration; no method is applied
     * @return the most sensitive layer first
     */
    public static List<Layer> measure(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, Progress progress) {
        LayerSensitivity sensitivity =
                new LayerSensitivity(network, Items.of(network, calibrationImages), options, progress);
        List<Layer> sensitivities = new ArrayList<>();
        for (Node layer : sensitivity.layers) {
            progress.report("sensitivity of layers", sensitivities.size(), sensitivity.layers.size(), layer.label());
            sensitivities.add(new Layer(layer.label(), layer.op(), sensitivity.alone(layer)));
        }
        progress.report("sensitivity of layers", sensitivities.size(), sensitivities.size(), "");
        sensitivities.sort(Comparator.comparingDouble(Layer::sqnr));
        return sensitivities;
    }

    /**
     * @param calibrationData for a network of any inputs
     * @param options formats, granularity and calibration; no method is applied
     * @param most layers to look at; those with the largest weights where there are more
     * @param memory of this network with this data and these options
     */
    public static Whole measureBothWays(
            Graph network, Items calibrationData, QuantizeOptions options, int most, Memory memory, Progress progress) {
        LayerSensitivity sensitivity = new LayerSensitivity(network, calibrationData, options, progress);
        double all = memory.of("all layers", () -> sensitivity.sqnr(sensitivity.linear()));
        List<Node> largest = sensitivity.layers.stream()
                .sorted(Comparator.comparingLong(sensitivity::size).reversed())
                .limit(most)
                .toList();
        List<Node> layers =
                sensitivity.layers.stream().filter(largest::contains).toList();
        List<BothWays> both = new ArrayList<>();
        for (Node layer : layers) {
            progress.report("sensitivity of layers", both.size(), layers.size(), layer.label());
            String key = layer.output(0);
            both.add(new BothWays(
                    layer.label(),
                    layer.op(),
                    memory.of("alone " + key, () -> sensitivity.alone(layer)),
                    memory.of("without " + key, () -> sensitivity.without(layer))));
        }
        progress.report("sensitivity of layers", layers.size(), layers.size(), "");
        return new Whole(all, sensitivity.layers.size(), both);
    }

    private long size(Node layer) {
        return prepared.initializers().get(layer.input(1)).size();
    }

    private double alone(Node layer) {
        Encodings all = linear();
        Map<String, Encoding> input = new HashMap<>(all.activations());
        input.keySet().retainAll(List.of(plan.root(layer.input(0))));
        return sqnr(new Encodings(input, Map.of(layer.input(1), encodings.get(layer.input(1)))));
    }

    private double without(Node layer) {
        Encodings all = linear();
        Map<String, Encoding> activations = new LinkedHashMap<>(all.activations());
        Map<String, Encoding> weights = new LinkedHashMap<>(all.parameters());
        activations.remove(plan.root(layer.input(0)));
        weights.remove(layer.input(1));
        return sqnr(new Encodings(activations, weights));
    }

    /** The grids of all layers' weights and inputs. */
    private Encodings linear() {
        Map<String, Encoding> activations = new LinkedHashMap<>();
        Map<String, Encoding> weights = new LinkedHashMap<>();
        for (Node layer : layers) {
            String root = plan.root(layer.input(0));
            if (plan.quantized().contains(root) && encodings.containsKey(root)) {
                activations.put(root, encodings.get(root));
            }
            weights.put(layer.input(1), encodings.get(layer.input(1)));
        }
        return new Encodings(activations, weights);
    }

    private double sqnr(Encodings some) {
        return sqnr(expected, run(Quantizer.quantize(prepared, some).graph()));
    }

    private float[] run(Graph network) {
        return Inference.run(network, few, ActivationRanges.batch(few), options.session())
                .data();
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
