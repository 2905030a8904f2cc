package dev.limbeck.cli;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Cuts;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.search.Block;
import dev.limbeck.search.BlockFinder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says what a network is made of and where it came from. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Says what a network is made of, where it can be cut into blocks, and where it came from.",
        footer = {"", "Example:", "  limbeck inspect examples/fashion-mnist/reference.onnx"})
final class InspectCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "Any ONNX network.")
    private Path model;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        Graph graph = Graph.read(model);
        Cost cost = Cost.of(graph);
        Map<String, Integer> operators = new TreeMap<>();
        graph.nodes().stream().map(Node::op).forEach(op -> operators.merge(op, 1, Integer::sum));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("model", model.toString());
        answer.put("digest", graph.digest());
        answer.put("opset", graph.opset());
        answer.put("inputs", graph.inputs().stream().map(ValueInfo::toString).toList());
        answer.put("outputs", graph.outputs().stream().map(ValueInfo::toString).toList());
        answer.put("nodes", graph.nodes().size());
        answer.put("operators", operators);
        answer.put("macs", cost.macs());
        answer.put("parameters", cost.parameters());
        answer.put("blocks", blocks(graph));
        answer.put("cuts", cuts(graph));
        answer.put("metadata", graph.metadata());
        if (outputOptions.json()) {
            parent.console().printJson(answer);
        } else {
            answer.forEach(this::print);
        }
        return ExitCodes.DONE;
    }

    private void print(String name, Object value) {
        if (value instanceof Map<?, ?> map) {
            parent.console().print(name + ":");
            map.forEach((key, inner) -> parent.console().print("  " + key + ": " + inner));
        } else if (value instanceof List<?> list) {
            parent.console().print(name + ":" + (list.isEmpty() ? " none" : ""));
            list.forEach(inner -> parent.console().print("  " + inner));
        } else {
            parent.console().print(name + ": " + (value instanceof Long number ? "%,d".formatted(number) : value));
        }
    }

    private static List<String> blocks(Graph graph) {
        try {
            return BlockFinder.find(graph).stream()
                    .map(InspectCommand::describe)
                    .toList();
        } catch (BadInputException e) {
            return List.of();
        }
    }

    private static String describe(Block block) {
        return "%s: %s -> %s, %d x %d x %d to %d x %d x %d"
                .formatted(
                        block.name(),
                        block.from(),
                        block.to(),
                        block.inChannels(),
                        block.inHeight(),
                        block.inWidth(),
                        block.outChannels(),
                        block.outHeight(),
                        block.outWidth());
    }

    private static List<String> cuts(Graph graph) {
        Map<String, ValueInfo> shapes = ShapeInference.infer(graph, 1);
        return Cuts.find(graph).stream()
                .map(cut -> cut + " " + Arrays.toString(shapes.get(cut).shape()))
                .toList();
    }
}
