package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Moves graphs to newer versions of ONNX's operator set.
 *
 * <p>Most operators keep their meaning. Where attributes became inputs (axes, bounds, pads), nodes are rewritten; where the meaning
 * changed otherwise, the node is refused by name. Source: the change log of the ONNX operators.
 */
public final class OperatorSets {

    /** Versions at which a node may have to be rewritten, and how. */
    private record Change(int version, Rewrite rewrite) {}

    @FunctionalInterface
    private interface Rewrite {
        /** @return the node as the newer version writes it; null where it has no such node */
        Node apply(GraphEditor editor, Node node, Shapes shapes);
    }

    /** Shapes of the graph's tensors, inferred when the first rewrite asks. */
    private static final class Shapes {
        private final Supplier<Map<String, ValueInfo>> inference;
        private Map<String, ValueInfo> infos;

        Shapes(Supplier<Map<String, ValueInfo>> inference) {
            this.inference = inference;
        }

        long[] of(String tensor) {
            if (infos == null) {
                infos = inference.get();
            }
            return infos.get(tensor).shape();
        }
    }

    private static final Map<String, List<Change>> CHANGES = changes();

    /** The file format that has the 4-bit integers of that operator set. */
    private static final int IR_OF_OPSET_21 = 10;

    private OperatorSets() {}

    private static Map<String, List<Change>> changes() {
        Map<String, List<Change>> changes = new HashMap<>();
        changes.put("Slice", List.of(new Change(10, moved("starts", "ends", "axes"))));
        changes.put("TopK", List.of(new Change(10, OperatorSets::topK)));
        changes.put("Clip", List.of(new Change(11, OperatorSets::clip)));
        changes.put("Pad", List.of(new Change(11, OperatorSets::pad)));
        changes.put("Dropout", List.of(new Change(12, (editor, node, shapes) -> without(node, "ratio"))));
        for (String name : List.of("Squeeze", "Unsqueeze", "ReduceSum")) {
            changes.put(name, List.of(new Change(13, moved("axes"))));
        }
        for (String name : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            changes.put(name, List.of(new Change(13, OperatorSets::softmax)));
        }
        changes.put("Split", List.of(new Change(13, moved("split")), new Change(18, OperatorSets::split)));
        for (String name : List.of("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare")) {
            changes.put("Reduce" + name, List.of(new Change(18, moved("axes"))));
        }
        changes.put("Upsample", List.of(new Change(10, (editor, node, shapes) -> renamed(node, "Resize"))));
        changes.put("Scatter", List.of(new Change(11, (editor, node, shapes) -> renamed(node, "ScatterElements"))));
        changes.put("GridSample", List.of(new Change(20, OperatorSets::gridSample)));
        changes.put("Resize", List.of(new Change(11, OperatorSets::resize)));
        changes.put("GroupNormalization", List.of(new Change(21, OperatorSets::groupNormalization)));
        return Map.copyOf(changes);
    }

    /**
     * The graph at {@code version}; as it is if it is at that version or a newer one.
     *
     * @throws BadInputException naming a node that means something else in the newer version and cannot be rewritten
     */
    public static Graph raised(Graph graph, int version) {
        return raised(graph, version, () -> declaredShapes(graph));
    }

    /**
     * The same for a graph whose inputs declare sizes that are dynamic.
     *
     * @param inputShapes sizes that the graph can run with, by the names of its inputs
     */
    public static Graph raised(Graph graph, int version, Map<String, long[]> inputShapes) {
        return raised(graph, version, () -> ShapeInference.infer(graph, inputShapes));
    }

    private static Map<String, ValueInfo> declaredShapes(Graph graph) {
        boolean onlyBatch = graph.inputs().stream()
                .map(ValueInfo::shape)
                .allMatch(s -> s != null && Arrays.stream(s).skip(1).noneMatch(d -> d == ValueInfo.DYNAMIC));
        return onlyBatch ? Subgraph.shapes(graph) : ShapeInference.infer(graph, Map.of());
    }

    private static Graph raised(Graph graph, int version, Supplier<Map<String, ValueInfo>> inference) {
        int present = graph.opset();
        if (present >= version) {
            return graph;
        }
        Shapes shapes = new Shapes(inference);
        GraphEditor editor = graph.edit();
        for (Node node : graph.nodes()) {
            Node current = node;
            Optional<Change> change = next(node.op(), present, version);
            while (change.isPresent()) {
                Node next = change.get().rewrite().apply(editor, current, shapes);
                if (next == null) {
                    throw new BadInputException("node '" + node.label() + "' (" + node.op() + ") of operator set "
                            + present + " means something else in operator set " + version
                            + ", which is needed here; export the model with operator set " + version);
                }
                editor.replace(current, next);
                current = next;
                change = next(next.op(), change.get().version(), version);
            }
        }
        return Graph.of(withVersion(editor.build().proto(), version));
    }

    /** The first change of an operator behind one version, up to another. */
    private static Optional<Change> next(String op, int behind, int upTo) {
        return CHANGES.getOrDefault(op, List.of()).stream()
                .filter(c -> behind < c.version() && c.version() <= upTo)
                .findFirst();
    }

    private static Node renamed(Node node, String op) {
        return new Node(node.proto().toBuilder().setOpType(op).build());
    }

    private static ModelProto withVersion(ModelProto model, int version) {
        ModelProto.Builder builder = model.toBuilder();
        if (version >= 21) {
            builder.setIrVersion(Math.max(builder.getIrVersion(), IR_OF_OPSET_21));
        }
        for (int i = 0; i < builder.getOpsetImportCount(); i++) {
            OperatorSetIdProto set = builder.getOpsetImport(i);
            if (isOwn(set) && set.getVersion() < version) {
                builder.setOpsetImport(i, set.toBuilder().setVersion(version));
            }
        }
        if (builder.getOpsetImportList().stream().noneMatch(OperatorSets::isOwn)) {
            builder.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(version));
        }
        return builder.build();
    }

    private static boolean isOwn(OperatorSetIdProto set) {
        return set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx");
    }

    /** Lists of integers that were attributes and are inputs, in this order behind the data. */
    private static Rewrite moved(String... attributes) {
        return (editor, node, shapes) -> {
            Node out = node;
            List<String> inputs = new ArrayList<>(node.inputs().subList(0, 1));
            for (String attribute : attributes) {
                boolean given = node.attribute(attribute).isPresent();
                long[] values = node.integers(attribute);
                inputs.add(given ? constant(editor, node, attribute, TensorValue.ofLongs(values, values.length)) : "");
                out = without(out, attribute);
            }
            while (inputs.getLast().isEmpty()) {
                inputs.removeLast();
            }
            return out.withInputs(inputs);
        };
    }

    private static String constant(GraphEditor editor, Node node, String name, TensorValue value) {
        return editor.initializer(editor.unique(node.output(0) + "." + name), value);
    }

    private static Node without(Node node, String attribute) {
        var builder = node.proto().toBuilder().clearAttribute();
        node.proto().getAttributeList().stream()
                .filter(a -> !a.getName().equals(attribute))
                .forEach(builder::addAttribute);
        return new Node(builder.build());
    }

    private static Node topK(GraphEditor editor, Node node, Shapes shapes) {
        String k = constant(editor, node, "k", TensorValue.ofLongs(new long[] {node.integer("k", 1)}, 1));
        return without(node, "k").withInputs(List.of(node.input(0), k));
    }

    private static Node clip(GraphEditor editor, Node node, Shapes shapes) {
        List<String> inputs = new ArrayList<>(List.of(node.input(0)));
        for (String bound : List.of("min", "max")) {
            boolean given = node.attribute(bound).isPresent();
            inputs.add(given ? constant(editor, node, bound, TensorValue.scalar(node.number(bound, 0))) : "");
        }
        return without(without(node, "min"), "max").withInputs(inputs);
    }

    private static Node pad(GraphEditor editor, Node node, Shapes shapes) {
        long[] amounts = node.integers("pads");
        String pads = constant(editor, node, "pads", TensorValue.ofLongs(amounts, amounts.length));
        String value = constant(editor, node, "value", TensorValue.scalar(node.number("value", 0)));
        return without(without(node, "pads"), "value").withInputs(List.of(node.input(0), pads, value));
    }

    /**
     * Up to 12 it worked on all dimensions from the axis on, which is 1 by default; since then on the axis alone, -1 by default.
     * Where the dimensions behind the axis are not 1, the tensor becomes a matrix, and gets its shape back.
     */
    private static Node softmax(GraphEditor editor, Node node, Shapes shapes) {
        long[] shape = shapes.of(node.input(0));
        long given = node.integer("axis", 1);
        int axis = (int) (given < 0 ? given + shape.length : given);
        if (Arrays.stream(shape).skip(axis + 1L).allMatch(d -> d == 1)) {
            return node.withInteger("axis", axis);
        }
        String label = node.output(0);
        String matrix = editor.unique(label + ".matrix");
        String rows = editor.unique(label + ".rows");
        editor.add(Node.of("Flatten", matrix, List.of(node.input(0)), List.of(matrix))
                .withInteger("axis", axis));
        editor.add(node.withName(rows)
                .withInputs(List.of(matrix))
                .withOutputs(List.of(rows))
                .withInteger("axis", 1));
        String back = editor.add("Shape", label + ".shape", node.input(0));
        return Node.of("Reshape", node.name(), List.of(rows, back), node.outputs());
    }

    private static Node split(GraphEditor editor, Node node, Shapes shapes) {
        return node.hasInput(1)
                ? node
                : node.withInteger("num_outputs", node.outputs().size());
    }

    /**
     * Version 10 sampled at x_original = x_resized / scale, and nearest took the element before, but the one behind where the axis
     * shrinks, as ONNX Runtime does; newer ones have that as a choice for all axes.
     */
    private static Node resize(GraphEditor editor, Node node, Shapes shapes) {
        String region = constant(editor, node, "roi", TensorValue.ofFloats(new float[0], 0));
        List<String> inputs = Arrays.asList(node.input(0), region, node.input(1));
        Node changed = node.withInputs(inputs).withText("coordinate_transformation_mode", "asymmetric");
        if (!node.text("mode", "nearest").equals("nearest")) {
            return changed;
        }
        boolean grows = false;
        boolean shrinks = false;
        long[] before = shapes.of(node.input(0));
        long[] after = shapes.of(node.output(0));
        TensorValue known = editor.initializer(node.input(1));
        float[] scales = known == null ? null : known.floats();
        for (int i = 0; i < before.length; i++) {
            grows |= scales == null ? after[i] > before[i] : scales[i] > 1;
            shrinks |= scales == null ? after[i] < before[i] : scales[i] < 1;
        }
        return grows && shrinks ? null : changed.withText("nearest_mode", shrinks ? "ceil" : "floor");
    }

    /** Scale and bias were per group, and are per channel. */
    private static Node groupNormalization(GraphEditor editor, Node node, Shapes shapes) {
        int groups = (int) node.integer("num_groups", 1);
        long channels = shapes.of(node.input(0))[1];
        List<String> inputs = new ArrayList<>(List.of(node.input(0)));
        for (int i = 1; i <= 2; i++) {
            TensorValue perGroup = editor.initializer(node.input(i));
            if (perGroup == null || channels < 0 || perGroup.type() != ElementType.FLOAT) {
                return null;
            }
            float[] values = perGroup.floats();
            float[] repeated = new float[(int) channels];
            for (int c = 0; c < repeated.length; c++) {
                repeated[c] = values[c / (repeated.length / groups)];
            }
            inputs.add(
                    constant(editor, node, i == 1 ? "scale" : "bias", TensorValue.ofFloats(repeated, repeated.length)));
        }
        return node.withInputs(inputs);
    }

    private static Node gridSample(GraphEditor editor, Node node, Shapes shapes) {
        String mode = node.text("mode", "bilinear");
        return mode.startsWith("bi") ? node.withText("mode", mode.substring(2)) : node;
    }
}
