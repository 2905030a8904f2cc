package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds which channels of a network can be taken out together. Channels are the second dimension of a tensor. Where they reach an
 * input or output of the network, or an operator that is not known to treat each channel by itself, they stay.
 */
final class ChannelGroups {

    /** Operators whose output has the channels of their first input, each computed from its own alone. */
    private static final Set<String> CHANNELWISE = Set.of(
            "Relu",
            "Clip",
            "LeakyRelu",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Tanh",
            "Elu",
            "Selu",
            "Softplus",
            "Gelu",
            "Mish",
            "Erf",
            "Abs",
            "Sqrt",
            "Exp",
            "Identity",
            "Dropout",
            "MaxPool",
            "AveragePool",
            "GlobalAveragePool",
            "GlobalMaxPool");

    private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div", "Max", "Min");

    private final Graph graph;
    private final Map<String, ValueInfo> shapes;
    private final Map<String, String> parents = new HashMap<>();
    private final Set<String> fixed = new HashSet<>();
    private final List<Node> makers = new ArrayList<>();
    private final List<Node> readers = new ArrayList<>();
    private final List<Node> between = new ArrayList<>();

    private ChannelGroups(Graph graph) {
        this.graph = graph;
        this.shapes = ShapeInference.infer(graph, 1);
    }

    /** In the order of their first makers. */
    static List<ChannelGroup> of(Graph graph) {
        ChannelGroups groups = new ChannelGroups(graph);
        graph.inputs().forEach(input -> groups.fixed.add(input.name()));
        graph.outputs().forEach(output -> groups.fixed.add(output.name()));
        graph.nodes().forEach(groups::visit);
        return groups.collect();
    }

    private void visit(Node node) {
        node.captured().forEach(fixed::add);
        if (isDepthwise(node) || isBatchNorm(node)) {
            between.add(node);
            tie(node.input(0), node.output(0));
        } else if (isLinear(node)) {
            makers.add(node);
            readers.add(node);
        } else if (CHANNELWISE.contains(node.op()) && node.outputs().size() == 1) {
            tie(node.input(0), node.output(0));
        } else if (ELEMENTWISE.contains(node.op()) && tiesOperands(node)) {
            node.inputs().stream().filter(this::isComputed).forEach(input -> tie(input, node.output(0)));
        } else if (isFlattenOfVectors(node) || isMeanOverImage(node)) {
            tie(node.input(0), node.output(0));
        } else {
            fixed.addAll(node.inputs());
            fixed.addAll(node.outputs());
        }
    }

    private List<ChannelGroup> collect() {
        Set<String> stuck = new HashSet<>();
        fixed.forEach(tensor -> stuck.add(root(tensor)));
        Map<String, ChannelGroup> groups = new LinkedHashMap<>();
        for (Node maker : makers) {
            String root = root(maker.output(0));
            if (!stuck.contains(root)) {
                groups.computeIfAbsent(
                                root,
                                r -> new ChannelGroup(
                                        channels(maker.output(0)),
                                        new ArrayList<>(),
                                        new ArrayList<>(),
                                        new ArrayList<>()))
                        .makers()
                        .add(maker);
            }
        }
        for (Node reader : readers) {
            ChannelGroup group = groups.get(root(reader.input(0)));
            if (group != null) {
                group.readers().add(reader);
            }
        }
        for (Node node : between) {
            ChannelGroup group = groups.get(root(node.output(0)));
            if (group != null) {
                group.between().add(node);
            }
        }
        return groups.values().stream()
                .filter(group -> !group.readers().isEmpty() && group.channels() > 1)
                .toList();
    }

    private void tie(String first, String second) {
        parents.put(root(second), root(first));
    }

    private String root(String tensor) {
        String root = tensor;
        while (!parents.getOrDefault(root, root).equals(root)) {
            root = parents.get(root);
        }
        return root;
    }

    private boolean isLinear(Node node) {
        boolean convolution = node.op().equals("Conv") && node.integer("group", 1) == 1;
        boolean product = node.op().equals("Gemm") && node.integer("transA", 0) == 0
                || node.op().equals("MatMul");
        return (convolution || product)
                && isOwn(node, 1)
                && (!node.hasInput(2) || isOwn(node, 2) && isVector(node, 2))
                && dimensions(node.input(0)).length == dimensions(node.output(0)).length
                && dimensions(node.input(1)).length == (convolution ? 4 : 2)
                && dimensions(node.input(0)).length == (convolution ? 4 : 2);
    }

    private boolean isDepthwise(Node node) {
        return node.op().equals("Conv")
                && dimensions(node.input(0)).length == 4
                && isOwn(node, 1)
                && (!node.hasInput(2) || isOwn(node, 2))
                && node.integer("group", 1) == channels(node.input(0))
                && node.integer("group", 1) == channels(node.output(0));
    }

    private boolean isBatchNorm(Node node) {
        return node.op().equals("BatchNormalization")
                && node.outputs().size() == 1
                && isOwn(node, 1)
                && isOwn(node, 2)
                && isOwn(node, 3)
                && isOwn(node, 4);
    }

    /** A constant of floats that nothing else reads. */
    private boolean isOwn(Node node, int position) {
        String name = node.input(position);
        TensorValue value = graph.initializers().get(name);
        return value != null
                && value.type() == ElementType.FLOAT
                && graph.consumers(name).size() == 1
                && node.inputs().indexOf(name) == node.inputs().lastIndexOf(name);
    }

    private boolean isVector(Node node, int position) {
        return dimensions(node.input(position)).length == 1
                && channels(node.output(0)) == dimensions(node.input(position))[0];
    }

    /** Tensors of as many channels each, and numbers. */
    private boolean tiesOperands(Node node) {
        int channels = channels(node.output(0));
        int rank = dimensions(node.output(0)).length;
        return rank >= 2
                && node.inputs().stream()
                        .allMatch(input -> isComputed(input)
                                ? dimensions(input).length == rank && channels(input) == channels
                                : graph.initializers().containsKey(input)
                                        && TensorValue.elements(dimensions(input)) == 1);
    }

    private boolean isFlattenOfVectors(Node node) {
        long[] in = dimensions(node.input(0));
        return node.op().equals("Flatten")
                && node.integer("axis", 1) == 1
                && in.length >= 2
                && Arrays.stream(in).skip(2).allMatch(d -> d == 1);
    }

    private boolean isMeanOverImage(Node node) {
        long[] in = dimensions(node.input(0));
        long[] axes = node.integers("axes");
        return node.op().equals("ReduceMean")
                && in.length == 4
                && axes.length == 2
                && Arrays.stream(axes).allMatch(axis -> Math.floorMod(axis, 4) >= 2);
    }

    private boolean isComputed(String tensor) {
        return !graph.initializers().containsKey(tensor);
    }

    private int channels(String tensor) {
        long[] dimensions = dimensions(tensor);
        return dimensions.length < 2 ? 0 : (int) dimensions[1];
    }

    private long[] dimensions(String tensor) {
        ValueInfo info = shapes.get(tensor);
        return info == null || info.shape() == null ? new long[0] : info.shape();
    }
}
