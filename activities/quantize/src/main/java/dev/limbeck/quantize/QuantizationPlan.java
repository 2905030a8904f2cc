package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which activations of a float network are quantized, and how.
 *
 * <p>Quantized are the tensors that an integer kernel reads or makes, but for two: the tensor between an operator and its only ReLU
 * or Clip, which the range of the quantized output covers, and what a last Gemm or MatMul makes, which stays in floats.
 */
final class QuantizationPlan {

    /** What makes floats of integers as well as it makes integers. */
    private static final Set<String> FREE_PRODUCTS = Set.of("MatMul", "Gemm", "Softmax");

    private static final Set<String> ZERO_TO_ONE = Set.of("Sigmoid", "HardSigmoid", "Softmax");

    private final Graph graph;
    private final NumberFormat format;
    private final Map<String, OperatorKind> kinds = new HashMap<>();
    private final Map<String, List<Node>> consumers = new HashMap<>();
    private final Map<String, Node> producers = new HashMap<>();
    private final Set<String> graphOutputs = new HashSet<>();
    private final Map<String, Node> fused = new LinkedHashMap<>();
    private final Set<String> quantized = new LinkedHashSet<>();
    private final Map<String, String> shared = new LinkedHashMap<>();
    private final Set<String> gated = new LinkedHashSet<>();

    QuantizationPlan(Graph graph, QuantizeOptions options) {
        this.graph = graph;
        this.format = options.activations();
        index();
        Set<String> wanted = wanted();
        // in topological order, whatever order the rules found them in
        FloatTensors.of(graph).stream().filter(wanted::contains).forEach(quantized::add);
        fused.values().removeIf(activation -> !quantized.contains(activation.output(0)));
        shareEncodings();
        findGates();
    }

    /** The plan that given encodings follow: they say themselves what is quantized. */
    QuantizationPlan(Graph graph, Encodings encodings) {
        this.graph = graph;
        this.format = NumberFormat.FLOAT32;
        index();
        FloatTensors.of(graph).stream()
                .filter(encodings.activations()::containsKey)
                .forEach(quantized::add);
        fused.values().removeIf(activation -> !quantized.contains(activation.output(0)));
        fused.keySet().removeIf(quantized::contains);
        for (Node node : graph.nodes()) {
            // no step is lost where elements are moved only, and the operators after it stay integer
            if (kind(node) == OperatorKind.TRANSPARENT
                    && quantized.contains(node.input(0))
                    && quantized.add(node.output(0))) {
                shared.put(node.output(0), root(node.input(0)));
            }
        }
    }

    private void index() {
        graph.outputs().forEach(o -> graphOutputs.add(o.name()));
        for (Node node : graph.nodes()) {
            kinds.put(node.output(0), OperatorKind.of(graph, node));
            node.outputs().forEach(o -> producers.put(o, node));
            node.inputs().stream().distinct().forEach(input -> consumers
                    .computeIfAbsent(input, i -> new ArrayList<>())
                    .add(node));
        }
        leaveFloats();
        for (Node node : graph.nodes()) {
            if (kind(node) == OperatorKind.WEIGHTED || kind(node) == OperatorKind.ARITHMETIC) {
                onlyConsumer(node.output(0))
                        .filter(reader -> kind(reader) == OperatorKind.CLAMP)
                        .ifPresent(clamp -> fused.put(node.output(0), clamp));
            }
        }
    }

    /**
     * Sums and products that meet no convolution nor pooling gain nothing from integers, as matrix products make floats as fast. And
     * they may lose much: masks, embeddings, and the residual sums of transformers have a few values far beyond all others (Bondarenko
     * et al. 2021).
     */
    private void leaveFloats() {
        Set<String> left = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (node.op().equals("Add") || node.op().equals("Mul")) {
                left.add(node.output(0));
            }
        }
        while (left.removeIf(tensor -> meetsIntegers(producers.get(tensor), left))) {
            // until none of those left meets one that is not
        }
        left.forEach(tensor -> kinds.put(tensor, OperatorKind.FLOAT));
    }

    private boolean meetsIntegers(Node node, Set<String> left) {
        boolean before = node.inputs().stream()
                .filter(input -> !graph.initializers().containsKey(input))
                .anyMatch(input -> !producers.containsKey(input) || isInteger(producers.get(input), left));
        return before
                || consumers.getOrDefault(node.output(0), List.of()).stream()
                        .anyMatch(reader -> isInteger(reader, left));
    }

    private boolean isInteger(Node node, Set<String> left) {
        boolean indifferent =
                switch (kind(node)) {
                    case FLOAT, TRANSPARENT -> true;
                    case WEIGHTED, ARITHMETIC -> FREE_PRODUCTS.contains(node.op());
                    case HARD_ACTIVATION, CLAMP -> false;
                };
        return !indifferent && !left.contains(node.output(0));
    }

    private Set<String> wanted() {
        if (!format.isQuantized()) {
            return Set.of();
        }
        Set<String> floats = FloatTensors.of(graph);
        Set<String> wanted = new HashSet<>();
        for (Node node : graph.nodes()) {
            switch (kind(node)) {
                case WEIGHTED -> {
                    wanted.add(node.input(0));
                    if (node.op().equals("Conv")) {
                        wanted.add(quantizedOutput(node));
                    }
                }
                case ARITHMETIC -> {
                    wanted.addAll(node.inputs());
                    wanted.add(quantizedOutput(node));
                }
                case CLAMP -> {
                    // one that stays, as other nodes read what comes before it
                    if (wanted.contains(node.input(0))) {
                        wanted.add(node.output(0));
                    }
                }
                case HARD_ACTIVATION, TRANSPARENT, FLOAT -> {}
            }
        }
        for (Node node : graph.nodes().reversed()) {
            if (kind(node) == OperatorKind.TRANSPARENT && wanted.contains(node.output(0))) {
                wanted.add(node.input(0));
            }
        }
        for (Node node : graph.nodes()) {
            // the integer form of a hard activation needs what it makes quantized as well
            if (kind(node) == OperatorKind.HARD_ACTIVATION && canBeGated(node, wanted)) {
                wanted.add(node.output(0));
            }
        }
        wanted.retainAll(floats);
        return wanted;
    }

    private void shareEncodings() {
        for (Node node : graph.nodes()) {
            if (kind(node) == OperatorKind.TRANSPARENT
                    && quantized.contains(node.input(0))
                    && quantized.contains(node.output(0))) {
                shared.put(node.output(0), root(node.input(0)));
            }
        }
    }

    private void findGates() {
        for (Node node : graph.nodes()) {
            if (kind(node) == OperatorKind.HARD_ACTIVATION && canBeGated(node, quantized)) {
                gated.add(node.output(0));
            }
        }
    }

    /** Whether the input's grid may be chosen for this hard activation alone. */
    private boolean canBeGated(Node node, Set<String> quantizedTensors) {
        Node producer = producers.get(node.input(0));
        // a ReLU in between relies on the grid to start at 0
        boolean made = producer != null
                && (kind(producer) == OperatorKind.WEIGHTED || kind(producer) == OperatorKind.ARITHMETIC);
        boolean gateIsOutput = node.op().equals("HardSigmoid") && graphOutputs.contains(node.output(0));
        return made
                && format.symmetry() == Symmetry.ASYMMETRIC
                && !format.isFloat()
                && quantizedTensors.contains(node.input(0))
                && onlyConsumer(node.input(0)).isPresent()
                && !gateIsOutput;
    }

    private Optional<Node> onlyConsumer(String tensor) {
        List<Node> readers = consumers.getOrDefault(tensor, List.of());
        return readers.size() == 1 && !graphOutputs.contains(tensor)
                ? Optional.of(readers.getFirst())
                : Optional.empty();
    }

    private String quantizedOutput(Node node) {
        Node clamp = fused.get(node.output(0));
        return clamp == null ? node.output(0) : clamp.output(0);
    }

    /** The numbers that activations are stored in. */
    NumberFormat format() {
        return format;
    }

    OperatorKind kind(Node node) {
        return kinds.get(node.output(0));
    }

    /** The ReLU or Clip after a node, between which and the node nothing is quantized. */
    Optional<Node> clampAfter(Node node) {
        return Optional.ofNullable(fused.get(node.output(0)));
    }

    /** Activations with quantize and dequantize nodes, in topological order. */
    Set<String> quantized() {
        return quantized;
    }

    /** The tensor whose encoding this one has: another one where only transparent nodes lie between, else itself. */
    String root(String tensor) {
        return shared.getOrDefault(tensor, tensor);
    }

    /** Whether this hard activation is written in integer operators. */
    boolean isGated(Node node) {
        return gated.contains(node.output(0));
    }

    /** The hard activation that a tensor is made for, if it is written in integer operators. */
    Optional<Node> gateOf(String tensor) {
        return onlyConsumer(tensor).filter(this::isGated);
    }

    /** What the hard sigmoids that are written in integer operators make, with their nodes. */
    Map<String, Node> hardSigmoids() {
        Map<String, Node> found = new LinkedHashMap<>();
        for (String tensor : gated) {
            if (producers.get(tensor).op().equals("HardSigmoid")) {
                found.put(tensor, producers.get(tensor));
            }
        }
        return found;
    }

    /** The range of a tensor where its operator bounds it. */
    Optional<ValueRange> fixedRange(String tensor) {
        return Optional.ofNullable(producers.get(tensor))
                .filter(node -> ZERO_TO_ONE.contains(node.op()))
                .map(node -> new ValueRange(0, 1));
    }

    /** The tensors whose ranges the calibration images must show. */
    List<String> toCalibrate() {
        return quantized.stream()
                .filter(t -> root(t).equals(t) && fixedRange(t).isEmpty())
                .toList();
    }
}
