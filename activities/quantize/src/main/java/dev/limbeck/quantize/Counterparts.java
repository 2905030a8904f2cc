package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which tensor of a quantized network is which of the float network that it was made of, by name. */
final class Counterparts {

    private final Graph floats;
    private final Graph quantized;
    private final Map<String, long[]> shapes;
    private final Set<String> comparable;
    private final Map<String, Counterpart> matched;

    /** @param shapes of the inputs */
    Counterparts(Graph floats, Graph quantized, Map<String, long[]> shapes) {
        this.floats = floats;
        this.quantized = quantized;
        this.shapes = shapes;
        comparable = comparable();
        matched = matched();
    }

    /**
     * A tensor of the quantized network.
     *
     * @param raw tensor that its operator makes
     * @param reader the DequantizeLinear that makes floats of it again; empty where it is not quantized
     */
    private record Counterpart(String raw, Optional<Node> reader) {}

    /** Float tensors that both networks have, in the float network's order. */
    Set<String> names() {
        return matched.keySet();
    }

    /** How many float tensors of the first network the second does not have. */
    int unmatched() {
        return comparable.size() - matched.size();
    }

    /** Whether a tensor is on a grid. */
    boolean isQuantized(String name) {
        return matched.get(name).reader().isPresent();
    }

    /** The operator that makes a tensor in the quantized network, with the one that it makes superfluous. */
    String operator(String name) {
        String op = floats.producer(name).orElseThrow().op();
        Optional<String> made = quantized.producer(matched.get(name).raw()).map(Node::op);
        return made.filter(other -> !other.equals(op) && !other.endsWith("QuantizeLinear"))
                .map(other -> other + ", " + op)
                .orElse(op);
    }

    /** Float tensors that nodes of the float network make from its inputs. */
    private Set<String> comparable() {
        Map<String, ValueInfo> types = types();
        Set<String> names = new HashSet<>();
        Set<String> dependent = new HashSet<>();
        floats.inputs().forEach(input -> dependent.add(input.name()));
        for (Node node : floats.nodes()) {
            if (node.inputs().stream().noneMatch(dependent::contains)) {
                continue;
            }
            dependent.addAll(node.outputs());
            for (String output : node.outputs()) {
                ValueInfo type = types.get(output);
                boolean unknown = type == null && quantizes(output);
                if (!output.isEmpty() && (unknown || type != null && type.type() == ElementType.FLOAT)) {
                    names.add(output);
                }
            }
        }
        dependent.remove("");
        return names;
    }

    private Map<String, ValueInfo> types() {
        Map<String, ValueInfo> types = new HashMap<>();
        floats.outputs().forEach(output -> types.put(output.name(), output));
        try {
            types.putAll(ShapeInference.infer(floats, shapes));
        } catch (BadInputException e) {
            // an operator of unknown shape: outputs and what is quantized are compared all the same
        }
        return types;
    }

    /** Whether the other network has the tensor on a grid, so that it is one of floats. */
    private boolean quantizes(String tensor) {
        return Set.of(tensor, tensor + "_float").stream()
                .flatMap(name -> quantized.consumers(name).stream())
                .anyMatch(node -> isOperator(node, "QuantizeLinear"));
    }

    private static boolean isOperator(Node node, String op) {
        return node.op().equals(op) || node.op().equals("com.microsoft." + op);
    }

    /** In the float network's order. */
    private Map<String, Counterpart> matched() {
        Map<String, Counterpart> quantizedOnes = new HashMap<>();
        for (Node node : quantized.nodes()) {
            if (isOperator(node, "QuantizeLinear") && !quantized.initializers().containsKey(node.input(0))) {
                reader(node).ifPresent(reader -> {
                    String raw = quantized
                            .producer(node.input(0))
                            .filter(clip -> clip.name().contains(QdqNodes.CLIP_SUFFIX))
                            .map(clip -> clip.input(0))
                            .orElse(node.input(0));
                    quantizedOnes.putIfAbsent(name(raw, reader), new Counterpart(raw, Optional.of(reader)));
                });
            }
        }
        Map<String, Counterpart> found = new LinkedHashMap<>();
        for (Node node : floats.nodes()) {
            for (String output : node.outputs()) {
                if (!comparable.contains(output)) {
                    continue;
                }
                if (quantizedOnes.containsKey(output)) {
                    found.put(output, quantizedOnes.get(output));
                } else if (quantized.producer(output).isPresent()) {
                    found.put(output, new Counterpart(output, Optional.empty()));
                }
            }
        }
        return found;
    }

    private String name(String raw, Node reader) {
        if (quantized.isOutput(reader.output(0)) || comparable.contains(reader.output(0))) {
            return reader.output(0);
        }
        String suffix = "_float";
        boolean added = !comparable.contains(raw) && raw.endsWith(suffix);
        return added ? raw.substring(0, raw.length() - suffix.length()) : raw;
    }

    /** Takes the numbers back with the scale that they were written with; another one makes it another operator. */
    private Optional<Node> reader(Node quantize) {
        return quantized.consumers(quantize.output(0)).stream()
                .filter(node -> isOperator(node, "DequantizeLinear"))
                .filter(node -> Arrays.equals(scale(node), scale(quantize)))
                .findFirst();
    }

    private float[] scale(Node node) {
        return quantized.initializer(node.input(1)).map(TensorValue::floats).orElse(new float[0]);
    }

    /**
     * The quantized network with what is compared as its outputs.
     *
     * @param outputs by the float network's names
     */
    record Probed(Graph graph, Map<String, String> outputs) {}

    /** A DequantizeLinear of its own for each quantized tensor leaves those of the network to the integer kernels. */
    Probed probed() {
        GraphEditor editor = quantized.edit().clearOutputs();
        Map<String, String> outputs = new LinkedHashMap<>();
        matched.forEach((name, counterpart) -> {
            String output = counterpart
                    .reader()
                    .map(reader -> {
                        String probe = editor.unique(name + "_compared");
                        return editor.add(Node.of(reader.op(), probe, reader.inputs(), List.of(probe)));
                    })
                    .orElse(counterpart.raw());
            editor.output(ValueInfo.unranked(output, ElementType.FLOAT));
            outputs.put(name, output);
        });
        return new Probed(editor.build(), outputs);
    }
}
