package dev.limbeck.cli;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Cuts;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.Provenance;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.search.Block;
import dev.limbeck.search.BlockFinder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
        List<String> unknown = new ArrayList<>();
        Optional<Cost> cost = known(() -> Cost.of(graph), unknown);
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
        answer.put("macs", cost.map(Cost::macs).orElse(null));
        answer.put("parameters", cost.map(Cost::parameters).orElse(null));
        answer.put("blocks", known(() -> blocks(graph), unknown).orElse(List.of()));
        answer.put("cuts", known(() -> cuts(graph), unknown).orElse(List.of()));
        answer.put("normalization", normalization(graph));
        answer.put("provenance", provenance(graph));
        answer.put("metadata", foreignMetadata(graph));
        answer.put("unknown", unknown.stream().distinct().toList());
        if (outputOptions.json()) {
            parent.console().printJson(answer);
        } else {
            answer.forEach((name, value) -> print("", name, value));
        }
        return ExitCodes.DONE;
    }

    private void print(String indent, String name, Object value) {
        if (value instanceof Map<?, ?> map) {
            line(indent + name + ":" + (map.isEmpty() ? " none" : ""));
            map.forEach((key, inner) -> print(indent + "  ", key.toString(), inner));
        } else if (value instanceof List<?> list) {
            line(indent + name + ":" + (list.isEmpty() ? " none" : ""));
            list.forEach(inner -> line(indent + "  " + inner));
        } else {
            line(indent + name + ": " + text(value));
        }
    }

    private static String text(Object value) {
        if (value instanceof float[] numbers) {
            return Arrays.toString(numbers);
        }
        return value == null ? "unknown" : value.toString();
    }

    private void line(String text) {
        parent.console().print(text);
    }

    /** Empty where the network does not let it be known; the reason is added to those why something is unknown. */
    private static <T> Optional<T> known(Supplier<T> value, List<String> unknown) {
        try {
            return Optional.of(value.get());
        } catch (BadInputException e) {
            unknown.add(e.getMessage());
            return Optional.empty();
        }
    }

    private static List<String> blocks(Graph graph) {
        return BlockFinder.find(graph).stream().map(InspectCommand::describe).toList();
    }

    /** What is done to pixels divided by 255; empty where the file does not say. */
    private static Map<String, Object> normalization(Graph graph) {
        Map<String, Object> said = new LinkedHashMap<>();
        InputNormalization.of(graph).ifPresent(normalization -> {
            said.put("mean", normalization.mean());
            said.put("std", normalization.std());
        });
        return said;
    }

    /** What the network came from; empty where the file does not say. */
    private static Map<String, Object> provenance(Graph graph) {
        Map<String, Object> said = new LinkedHashMap<>();
        Provenance.of(graph).ifPresent(provenance -> {
            said.put("stage", provenance.stage());
            said.put("version", provenance.version());
            provenance.seed().ifPresent(seed -> said.put("seed", seed));
            said.put("inputs", provenance.inputs());
            said.put("parameters", provenance.parameters());
        });
        return said;
    }

    /** What the file says besides. */
    private static Map<String, String> foreignMetadata(Graph graph) {
        Map<String, String> rest = new TreeMap<>(graph.metadata());
        rest.keySet().removeIf(key -> key.startsWith("limbeck."));
        return rest;
    }

    private static String describe(Block block) {
        return "%s: %s -> %s, %s to %s"
                .formatted(block.name(), block.from(), block.to(), size(block.input("")), size(block.output("")));
    }

    /** Without the batch. */
    private static String size(ValueInfo tensor) {
        return Arrays.stream(tensor.shape()).skip(1).mapToObj(Long::toString).collect(Collectors.joining(" x "));
    }

    private static List<String> cuts(Graph graph) {
        Map<String, ValueInfo> shapes = ShapeInference.infer(graph, 1);
        return Cuts.find(graph).stream()
                .map(cut -> cut + " " + Arrays.toString(shapes.get(cut).shape()))
                .toList();
    }
}
