package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Turns a file into a checked graph, with the tensors that it keeps in other files. */
final class GraphReader {

    // The limit of one array, and of one protobuf message.
    private static final long LARGEST_FILE = Integer.MAX_VALUE - 16L;

    private GraphReader() {}

    static Graph read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(file + ": no such file; give the path of an ONNX model");
        }
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new BadInputException(
                        file + ": larger than 2 GiB, which no ONNX file can be; export it with external data");
            }
            ModelProto model = message(Files.readAllBytes(file), file.toString());
            return checked(ExternalData.loaded(model, file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    static Graph parse(byte[] bytes, String origin) {
        ModelProto model = message(bytes, origin);
        ExternalData.refuse(model, origin);
        return checked(model, origin);
    }

    private static ModelProto message(byte[] bytes, String origin) {
        try {
            ModelProto model = ModelProto.parseFrom(bytes);
            if (!model.hasGraph() || model.getGraph().getOutputCount() == 0) {
                throw new BadInputException(
                        origin + ": holds no graph with outputs, so it is not an ONNX model; export it again");
            }
            return model;
        } catch (InvalidProtocolBufferException e) {
            throw new BadInputException(origin + ": not an ONNX model, or truncated; export it again", e);
        }
    }

    private static Graph checked(ModelProto model, String origin) {
        GraphChecks checks = new GraphChecks(origin);
        checks.check(model);
        Graph graph = Graph.of(model);
        Graph ordered;
        try {
            ordered = Conditionals.inlined(checks.inOrder(graph) ? graph : sorted(graph));
        } catch (IllegalStateException e) {
            throw new BadInputException(origin + ": " + e.getMessage() + "; export it again", e);
        }
        ShapeInference.misfit(ordered).ifPresent(misfit -> {
            throw new BadInputException(origin + ": " + misfit);
        });
        return RepeatedBatch.copied(ordered);
    }

    /** Some tools write nodes in any order; running them needs an order, which exists unless they form a cycle. */
    private static Graph sorted(Graph graph) {
        List<Node> nodes = Topology.sort(
                graph.nodes(), graph.inputs(), graph.initializers().keySet());
        GraphProto.Builder builder = graph.proto().getGraph().toBuilder().clearNode();
        nodes.forEach(node -> builder.addNode(node.proto()));
        return Graph.of(graph.proto().toBuilder().setGraph(builder).build());
    }
}
