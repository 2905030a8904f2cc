package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A graph under construction; {@link #build()} makes the value.
 *
 * <p>Nodes may be added in any order: building sorts them topologically and drops nodes and initializers that no output needs.
 */
public final class GraphEditor {

    /** Operator set of the graphs that Limbeck makes itself. */
    public static final int OPSET = 17;

    private static final int IR_VERSION = 8;

    private final ModelProto base;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, TensorValue> initializers = new LinkedHashMap<>();
    private final List<ValueInfo> inputs = new ArrayList<>();
    private final List<ValueInfo> outputs = new ArrayList<>();
    private final Map<String, String> metadata = new TreeMap<>();
    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> counters = new HashMap<>();
    private int minimumOpset;

    GraphEditor(Graph graph) {
        base = graph.proto();
        nodes.addAll(graph.nodes());
        initializers.putAll(graph.initializers());
        inputs.addAll(graph.inputs());
        outputs.addAll(graph.outputs());
        metadata.putAll(graph.metadata());
        inputs.forEach(i -> taken.add(i.name()));
        taken.addAll(initializers.keySet());
        nodes.forEach(n -> {
            taken.add(n.name());
            taken.addAll(n.outputs());
        });
    }

    private GraphEditor(String name) {
        base = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("limbeck")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
                .setGraph(GraphProto.newBuilder().setName(name))
                .build();
    }

    /** An empty graph. */
    public static GraphEditor create(String name) {
        return new GraphEditor(name);
    }

    /** @return a name that no tensor or node has yet: the given one, or the given one with a number */
    public String unique(String wanted) {
        String name = wanted;
        while (taken.contains(name)) {
            name = wanted + "_" + counters.merge(wanted, 1, Integer::sum);
        }
        taken.add(name);
        return name;
    }

    public GraphEditor input(ValueInfo input) {
        taken.add(input.name());
        inputs.add(input);
        return this;
    }

    public GraphEditor output(ValueInfo output) {
        outputs.add(output);
        return this;
    }

    public GraphEditor clearInputs() {
        inputs.clear();
        return this;
    }

    public GraphEditor clearOutputs() {
        outputs.clear();
        return this;
    }

    /** Adds or replaces an initializer; @return its name */
    public String initializer(String name, TensorValue value) {
        taken.add(name);
        initializers.put(name, value.named(name));
        return name;
    }

    public TensorValue initializer(String name) {
        return initializers.get(name);
    }

    /** The nodes as they are now, in the order of their addition. */
    public List<Node> nodes() {
        return List.copyOf(nodes);
    }

    /** @return the node's first output */
    public String add(Node node) {
        nodes.add(node);
        taken.add(node.name());
        taken.addAll(node.outputs());
        return node.output(0);
    }

    /** Adds a node with one output, both named after {@code name}; @return that output's name, which is unique */
    public String add(String op, String name, String... nodeInputs) {
        String output = unique(name);
        return add(Node.of(op, output, List.of(nodeInputs), List.of(output)));
    }

    public GraphEditor replace(Node old, Node replacement) {
        nodes.set(nodes.indexOf(old), replacement);
        taken.addAll(replacement.outputs());
        return this;
    }

    public GraphEditor remove(Node node) {
        nodes.remove(node);
        return this;
    }

    /** Takes all nodes out; their names stay taken. */
    public GraphEditor clearNodes() {
        nodes.clear();
        return this;
    }

    public GraphEditor metadata(Map<String, String> added) {
        metadata.putAll(added);
        return this;
    }

    public GraphEditor clearMetadata() {
        metadata.clear();
        return this;
    }

    /**
     * Raises the operator set to at least this version, for edits that add an operator of a newer one. Nodes that are written
     * differently in that version are rewritten when the graph is built, the added ones too: add such ones as the older version
     * writes them.
     */
    public GraphEditor requireOpset(int version) {
        minimumOpset = Math.max(minimumOpset, version);
        return this;
    }

    /**
     * @throws IllegalStateException if a tensor is read that nothing makes, or nodes form a cycle
     * @throws dev.limbeck.schemas.BadInputException if the operator set is to be raised and a node has no equivalent there
     */
    public Graph build() {
        List<Node> sorted = Topology.sortLive(nodes, inputs, outputs, initializers.keySet());
        Set<String> used = new HashSet<>();
        sorted.forEach(n -> {
            used.addAll(n.inputs());
            used.addAll(Topology.captured(n));
        });
        outputs.forEach(o -> used.add(o.name()));
        GraphProto.Builder graph = base.getGraph().toBuilder()
                .clearNode()
                .clearInitializer()
                .clearInput()
                .clearOutput()
                .clearValueInfo();
        sorted.forEach(n -> graph.addNode(n.proto()));
        initializers.forEach((name, value) -> {
            if (used.contains(name)) {
                graph.addInitializer(value.proto());
            }
        });
        inputs.forEach(i -> graph.addInput(proto(i)));
        outputs.forEach(o -> graph.addOutput(proto(o)));
        ModelProto.Builder model = base.toBuilder().setGraph(graph).clearMetadataProps();
        metadata.forEach((key, value) -> model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        importDomains(model, sorted);
        // Before version 4, constants had to be listed among the inputs.
        model.setIrVersion(Math.max(model.getIrVersion(), 4));
        return OperatorSets.raised(Graph.of(model.build()), minimumOpset);
    }

    /** Operators of a domain run only in a model that says which version of the domain it means. */
    private static void importDomains(ModelProto.Builder model, List<Node> nodes) {
        Set<String> imported = new HashSet<>(List.of("", "ai.onnx"));
        model.getOpsetImportList().forEach(set -> imported.add(set.getDomain()));
        for (Node node : nodes) {
            String domain = node.proto().getDomain();
            if (imported.add(domain)) {
                model.addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(1));
            }
        }
    }

    private static ValueInfoProto proto(ValueInfo value) {
        TypeProto.Tensor.Builder type =
                TypeProto.Tensor.newBuilder().setElemType(value.type().code());
        if (value.shape() != null) {
            type.setShape(shape(value));
        }
        return ValueInfoProto.newBuilder()
                .setName(value.name())
                .setType(TypeProto.newBuilder().setTensorType(type))
                .build();
    }

    private static TensorShapeProto shape(ValueInfo value) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        int position = 0;
        for (long dimension : value.shape()) {
            TensorShapeProto.Dimension.Builder builder = TensorShapeProto.Dimension.newBuilder();
            if (dimension == ValueInfo.DYNAMIC) {
                builder.setDimParam(position == 0 ? "N" : "d" + position);
            } else {
                builder.setDimValue(dimension);
            }
            shape.addDim(builder);
            position++;
        }
        return shape.build();
    }
}
