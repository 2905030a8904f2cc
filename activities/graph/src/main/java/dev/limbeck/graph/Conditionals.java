package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the branch that is taken in the place of an If whose condition does not depend on the data.
 *
 * <p>Exporters write such nodes for questions about shapes, as whether a dimension to be squeezed is 1. Conditions that depend on a
 * dynamic dimension or on the data stay as they are.
 */
final class Conditionals {

    private Conditionals() {}

    /**
     * @return a graph of the same function; the given one where no condition is known
     * @throws BadInputException naming an If that lacks a branch or one of its outputs
     */
    static Graph inlined(Graph graph) {
        Graph current = graph;
        Graph next = pass(current);
        while (next != current) {
            current = next;
            next = pass(current);
        }
        return current;
    }

    /** Branches may hold other Ifs, which the next pass sees. */
    private static Graph pass(Graph graph) {
        GraphEditor editor = graph.edit();
        boolean changed = false;
        for (Node node : graph.nodes()) {
            if (node.op().equals("If")) {
                Optional<Boolean> condition = condition(graph, node.input(0));
                if (condition.isPresent()) {
                    new Inlining(editor, node).run(condition.get() ? "then_branch" : "else_branch");
                    changed = true;
                }
            }
        }
        return changed ? editor.build() : graph;
    }

    private static Optional<Boolean> condition(Graph graph, String tensor) {
        TensorValue constant = graph.initializers().get(tensor);
        if (constant == null) {
            constant = graph.producer(tensor)
                    .filter(maker -> maker.op().equals("Constant"))
                    .flatMap(Constants::value)
                    .orElse(null);
        }
        Optional<KnownValue> value = constant == null ? computed(graph, tensor) : KnownValue.of(constant);
        return value.filter(v -> v.values().length == 1).map(v -> v.values()[0] != 0);
    }

    /** From the shapes of what the condition alone needs. */
    private static Optional<KnownValue> computed(Graph graph, String tensor) {
        Graph needed = graph.edit()
                .clearOutputs()
                .output(ValueInfo.unranked(tensor, ElementType.BOOL))
                .build();
        try {
            return Optional.ofNullable(
                    ShapeInference.run(needed, Map.of()).known().get(tensor));
        } catch (BadInputException e) {
            // What shapes cannot be inferred for is not known.
            return Optional.empty();
        }
    }

    /** Moves one branch out. */
    private static final class Inlining {
        private final GraphEditor editor;
        private final Node node;
        private final Map<String, String> names = new HashMap<>();

        Inlining(GraphEditor editor, Node node) {
            this.editor = editor;
            this.node = node;
        }

        void run(String attribute) {
            GraphProto branch = node.attribute(attribute)
                    .filter(AttributeProto::hasG)
                    .map(AttributeProto::getG)
                    .filter(g -> g.getOutputCount() >= node.outputs().size())
                    .orElseThrow(() -> new BadInputException("node '" + node.label() + "' (If) has no " + attribute
                            + ", or one with fewer outputs; export the model again"));
            editor.remove(node);
            for (TensorProto constant : branch.getInitializerList()) {
                String name = editor.unique(constant.getName());
                names.put(constant.getName(), name);
                editor.initializer(name, TensorValue.of(constant));
            }
            Map<String, String> results = results(branch);
            for (NodeProto inner : branch.getNodeList()) {
                for (String output : inner.getOutputList()) {
                    if (!output.isEmpty()) {
                        String result = results.get(output);
                        names.put(output, result == null ? editor.unique(output) : result);
                    }
                }
            }
            for (NodeProto inner : branch.getNodeList()) {
                editor.add(renamed(inner, names));
            }
            copyRest(branch, results);
        }

        /** Outputs of the If, by the tensor of the branch that becomes it. */
        private Map<String, String> results(GraphProto branch) {
            Set<String> made = new HashSet<>();
            branch.getNodeList().forEach(inner -> made.addAll(inner.getOutputList()));
            Map<String, String> results = new HashMap<>();
            for (int i = 0; i < node.outputs().size(); i++) {
                String inner = branch.getOutput(i).getName();
                if (made.contains(inner) && !node.output(i).isEmpty()) {
                    results.putIfAbsent(inner, node.output(i));
                }
            }
            return results;
        }

        /** Outputs that are constants, tensors from outside the branch, or the same as another output. */
        private void copyRest(GraphProto branch, Map<String, String> results) {
            for (int i = 0; i < node.outputs().size(); i++) {
                String inner = branch.getOutput(i).getName();
                String output = node.output(i);
                if (!output.isEmpty() && !output.equals(results.get(inner))) {
                    editor.add(Node.of(
                            "Identity",
                            editor.unique(output + "_copy"),
                            List.of(names.getOrDefault(inner, inner)),
                            List.of(output)));
                }
            }
        }
    }

    private static Node renamed(NodeProto node, Map<String, String> names) {
        NodeProto.Builder builder = node.toBuilder();
        for (int i = 0; i < builder.getInputCount(); i++) {
            builder.setInput(i, names.getOrDefault(builder.getInput(i), builder.getInput(i)));
        }
        for (int i = 0; i < builder.getOutputCount(); i++) {
            builder.setOutput(i, names.getOrDefault(builder.getOutput(i), builder.getOutput(i)));
        }
        for (AttributeProto.Builder attribute : builder.getAttributeBuilderList()) {
            if (attribute.hasG()) {
                attribute.setG(captures(attribute.getG(), names));
            }
            for (int i = 0; i < attribute.getGraphsCount(); i++) {
                attribute.setGraphs(i, captures(attribute.getGraphs(i), names));
            }
        }
        return new Node(builder.build());
    }

    /** An inner graph that reads renamed tensors by their new names; its own names hide those outside. */
    private static GraphProto captures(GraphProto graph, Map<String, String> outer) {
        Map<String, String> names = new HashMap<>(outer);
        graph.getInputList().stream().map(ValueInfoProto::getName).forEach(names::remove);
        graph.getInitializerList().stream().map(TensorProto::getName).forEach(names::remove);
        graph.getNodeList().forEach(node -> node.getOutputList().forEach(names::remove));
        List<NodeProto> nodes = new ArrayList<>();
        graph.getNodeList().forEach(node -> nodes.add(renamed(node, names).proto()));
        GraphProto.Builder builder = graph.toBuilder().clearNode().addAllNode(nodes);
        for (ValueInfoProto.Builder output : builder.getOutputBuilderList()) {
            output.setName(names.getOrDefault(output.getName(), output.getName()));
        }
        return builder.build();
    }
}
