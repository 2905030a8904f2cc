package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.limbeck.schemas.BadInputException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Turns bytes into a checked graph: names resolve, every tensor is made once, nodes are in topological order. */
final class GraphReader {

    private GraphReader() {}

    static Graph parse(byte[] bytes, String origin) {
        ModelProto model;
        try {
            model = ModelProto.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new BadInputException(
                    origin + ": not an ONNX model, or truncated (" + e.getMessage() + "); export it again", e);
        }
        if (!model.hasGraph() || model.getGraph().getOutputCount() == 0) {
            throw new BadInputException(
                    origin + ": holds no graph with outputs, so it is not an ONNX model; export it again");
        }
        Graph graph = Graph.of(model);
        check(graph, origin);
        return graph;
    }

    private static void check(Graph graph, String origin) {
        Set<String> known = new HashSet<>(graph.initializers().keySet());
        graph.inputs().forEach(input -> known.add(input.name()));
        Map<String, Node> makers = new HashMap<>();
        for (Node node : graph.nodes()) {
            for (String output : node.outputs()) {
                Node other = output.isEmpty() ? null : makers.put(output, node);
                if (other != null) {
                    throw new BadInputException(origin + ": tensor '" + output + "' is made twice, by node '"
                            + other.label() + "' and by node '" + node.label() + "'");
                }
            }
        }
        for (Node node : graph.nodes()) {
            for (String input : node.inputs()) {
                if (!input.isEmpty() && !known.contains(input)) {
                    throw new BadInputException(
                            origin + ": node '" + node.label() + "' reads tensor '" + input + "', which "
                                    + (makers.containsKey(input)
                                            ? "is made only after it: nodes are not in topological order, or form a cycle"
                                            : "nothing makes"));
                }
            }
            known.addAll(node.outputs());
        }
        for (ValueInfo output : graph.outputs()) {
            if (!known.contains(output.name())) {
                throw new BadInputException(origin + ": output '" + output.name() + "' is made by no node");
            }
        }
    }
}
