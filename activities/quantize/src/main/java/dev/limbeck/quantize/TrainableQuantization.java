package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.LearnedScales;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A network quantized in a form that can be trained (quantization-aware training, Jacob et al. 2018): its weights are floats that are
 * taken to their grids and back in each step, and the scales of the grids are learned with them (LSQ, Esser et al. 2020).
 *
 * <p>It begins with what quantization after training gives, from the same images and options. {@link #graph} is a graph like any
 * other, to be trained by whatever trains graphs; {@link #quantized} makes integers of what came out.
 */
public final class TrainableQuantization {

    private final QuantizeOptions options;
    private final Graph graph;
    private final Map<String, Encoding> encodings = new LinkedHashMap<>();
    private final List<String> steps;
    private final Map<String, String> scales = new LinkedHashMap<>();
    private final Map<String, String> floats = new HashMap<>();
    private final Set<String> added = new HashSet<>();

    private TrainableQuantization(Quantizer.Calibrated calibrated, QuantizeOptions options, List<String> steps) {
        this.options = options;
        this.steps = List.copyOf(steps);
        encodings.putAll(calibrated.encodings());
        new QdqWriter(calibrated.network(), calibrated.plan(), encodings).write(); // chooses the weights' encodings
        graph = write(calibrated.network(), calibrated.plan());
    }

    /**
     * @param network as for {@link Quantizer#quantize(Graph, Items, QuantizeOptions, Progress)}
     * @param calibrationImages that the first scales are chosen by
     * @throws BadInputException as there, and for grids that cannot be trained: of blocks, and of more than 8 bits but for 16
     */
    public static TrainableQuantization of(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, Progress progress) {
        if (options.granularity() instanceof Granularity.Blockwise || options.matMulBlockSize() > 0) {
            throw new BadInputException("network '" + network.name()
                    + "': weights in blocks cannot be trained; give one scale a channel or a tensor");
        }
        if (options.minimumSqnr().isPresent()) {
            throw new BadInputException(
                    "network '" + network.name()
                            + "': which activations stay in floats cannot be chosen by SQNR where the network is trained; leave it out");
        }
        List<String> steps = new ArrayList<>();
        Quantizer.Calibrated calibrated =
                Quantizer.calibrated(network, Items.of(network, calibrationImages), options, steps, progress);
        return new TrainableQuantization(calibrated, options, steps);
    }

    /** The network that is to be trained; its outputs are those of {@link #quantized}, but for the rounding of biases. */
    public Graph graph() {
        return graph;
    }

    /** @param trained the graph with the weights and scales that training gave it */
    public Quantized quantized(Graph trained) {
        Graph network = withoutGrids(trained);
        QuantizationPlan plan = new QuantizationPlan(network, options);
        Map<String, Encoding> learned = new LinkedHashMap<>(encodings);
        scales.forEach((tensor, scale) -> learned.compute(
                tensor,
                (name, encoding) ->
                        encoding.withScale(trained.initializers().get(scale).floats())));
        plan.quantized().forEach(tensor -> learned.put(tensor, learned.get(plan.root(tensor))));
        Graph quantized = new QdqWriter(network, plan, learned).write();
        List<String> all = new ArrayList<>(steps);
        all.add("weights and " + scales.size() + " scales trained");
        all.add(options.describeFormats());
        return new Quantized(quantized, learned, all);
    }

    private Graph write(Graph network, QuantizationPlan plan) {
        GraphEditor editor = network.edit();
        Map<String, String> onGrid = new HashMap<>();
        List<Node> nodes = network.nodes();
        nodes.forEach(editor::remove);
        network.inputs().forEach(input -> writeActivation(editor, plan, network.outputs(), input.name(), onGrid));
        for (Node node : nodes) {
            if (plan.kind(node) == OperatorKind.WEIGHTED) {
                onGrid.computeIfAbsent(
                        node.input(1),
                        name -> writeWeight(editor, name, network.initializers().get(name)));
            }
            editor.add(node.withInputs(
                    node.inputs().stream().map(i -> onGrid.getOrDefault(i, i)).toList()));
            node.outputs().forEach(output -> writeActivation(editor, plan, network.outputs(), output, onGrid));
        }
        return LearnedScales.mark(editor.build(), scales.values());
    }

    private void writeActivation(
            GraphEditor editor,
            QuantizationPlan plan,
            List<ValueInfo> outputs,
            String tensor,
            Map<String, String> onGrid) {
        boolean isRoot = plan.quantized().contains(tensor) && plan.root(tensor).equals(tensor);
        // the integer form of a hard activation reads its input's integers a second time
        boolean follows = plan.hardSigmoids().containsKey(tensor);
        boolean isOutput = outputs.stream().anyMatch(o -> o.name().equals(tensor));
        Encoding encoding = encodings.get(tensor);
        if (!isRoot || follows || isOutput || encoding.format().isFloat()) {
            return;
        }
        boolean learned = plan.gateOf(tensor).isEmpty();
        boolean signed = options.target().signedActivations();
        onGrid.put(
                tensor, write(editor, tensor, encoding, StorageType.ofActivation(encoding.format(), signed), learned));
    }

    private String writeWeight(GraphEditor editor, String name, TensorValue weight) {
        Encoding encoding = encodings.get(name);
        return encoding == null || encoding.format().isFloat() || weight.type() != ElementType.FLOAT
                ? name
                : write(editor, name, encoding, StorageType.ofWeight(encoding.format(), false), true);
    }

    /** A grid that ONNX has no type for ends where a Clip of integers says, which a scale that changes leaves as it is. */
    private String write(GraphEditor editor, String tensor, Encoding encoding, StorageType storage, boolean learned) {
        editor.requireOpset(storage.opset());
        String name = editor.unique(tensor + "_on_grid");
        long[] shape = encoding.perChannel() ? new long[] {encoding.scale().length} : new long[0];
        String scale = editor.initializer(name + "_scale", TensorValue.ofFloats(encoding.scale(), shape));
        int[] zeros = Arrays.stream(encoding.zeroPoint())
                .map(z -> z + storage.shift())
                .toArray();
        String zeroPoint =
                editor.initializer(name + "_zero_point", TensorValue.ofIntegers(storage.type(), zeros, shape));
        String integers = name + "_integers";
        add(editor, onAxis("QuantizeLinear", List.of(tensor, scale, zeroPoint), integers, encoding));
        if (storage.exceeds(encoding.format())) {
            String low = bound(editor, name + "_lowest", encoding.lowest() + storage.shift(), storage);
            String high = bound(editor, name + "_highest", encoding.highest() + storage.shift(), storage);
            integers = add(
                    editor,
                    Node.of("Clip", name + "_bounded", List.of(integers, low, high), List.of(name + "_bounded")));
        }
        add(editor, onAxis("DequantizeLinear", List.of(integers, scale, zeroPoint), name, encoding));
        floats.put(name, tensor);
        if (learned) {
            scales.put(tensor, scale);
        }
        return name;
    }

    private String add(GraphEditor editor, Node node) {
        added.add(node.output(0));
        return editor.add(node);
    }

    private static Node onAxis(String op, List<String> inputs, String output, Encoding encoding) {
        Node node = Node.of(op, output, inputs, List.of(output));
        return encoding.perChannel() ? node.withInteger("axis", encoding.axis()) : node;
    }

    private static String bound(GraphEditor editor, String name, int value, StorageType storage) {
        return editor.initializer(name, TensorValue.ofIntegers(storage.type(), new int[] {value}));
    }

    /** The float network again, with the weights of a trained one. */
    private Graph withoutGrids(Graph trained) {
        GraphEditor editor = trained.edit();
        for (Node node : trained.nodes()) {
            if (added.contains(node.output(0))) {
                editor.remove(node);
            } else {
                editor.replace(
                        node,
                        node.withInputs(node.inputs().stream()
                                .map(i -> floats.getOrDefault(i, i))
                                .toList()));
            }
        }
        return LearnedScales.unmark(editor.build());
    }
}
