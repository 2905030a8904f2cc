package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.schemas.BadInputException;
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
 * Decides which activations of a float network are quantized, and how: as the rules of the target say.
 *
 * <p>Nothing is quantized within a supergroup. Operators that only move elements share the grid of what they read.
 */
final class QuantizationPlan {

    /** What makes floats of integers as well as it makes integers. */
    private static final Set<String> FREE_PRODUCTS = Set.of("MatMul", "Gemm", "Softmax");

    private final Graph graph;
    private final QuantizeOptions options;
    private final Target target;
    private final Set<String> floats;
    private final Map<String, OperatorKind> kinds = new HashMap<>();
    private final Map<String, List<Node>> consumers = new HashMap<>();
    private final Map<String, Node> producers = new HashMap<>();
    private final Set<String> graphOutputs = new HashSet<>();
    private final Map<String, Node> fused = new LinkedHashMap<>();
    private final Map<String, Node> groupEnds = new HashMap<>();
    private final Set<String> quantized = new LinkedHashSet<>();
    private final Map<String, String> shared = new LinkedHashMap<>();
    private final Set<String> gated = new LinkedHashSet<>();

    /** @throws BadInputException if the target has no kernels for the numbers that the options ask for */
    QuantizationPlan(Graph graph, QuantizeOptions options) {
        this(graph, options, Set.of());
    }

    /** The same with these activations left in floats. */
    QuantizationPlan without(Set<String> tensors) {
        return new QuantizationPlan(graph, options, tensors);
    }

    private QuantizationPlan(Graph graph, QuantizeOptions options, Set<String> left) {
        this.graph = graph;
        options.target().requireKernel(options.activations(), options.weights());
        this.options = options;
        this.target = options.target();
        this.floats = FloatTensors.of(graph);
        index();
        Set<String> wanted = wanted();
        options.formats().forEach((tensor, format) -> {
            if (!format.isQuantized()) {
                wanted.remove(tensor);
            }
        });
        // in topological order, whatever order the rules found them in
        floats.stream()
                .filter(tensor -> wanted.contains(tensor) && !left.contains(tensor))
                .forEach(quantized::add);
        fused.values().removeIf(activation -> !quantized.contains(activation.output(0)));
        shareEncodings();
        findGates();
    }

    /** The plan that given encodings follow: they say themselves what is quantized. */
    QuantizationPlan(Graph graph, Encodings encodings) {
        this.graph = graph;
        this.options = QuantizeOptions.builder()
                .activations(NumberFormat.FLOAT32)
                .weights(NumberFormat.FLOAT32)
                .build();
        this.target = options.target();
        this.floats = FloatTensors.of(graph);
        index();
        floats.stream().filter(encodings.activations()::containsKey).forEach(quantized::add);
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
        NetworkChecks.checkBranches(graph);
        graph.outputs().forEach(o -> graphOutputs.add(o.name()));
        for (Node node : graph.nodes()) {
            kinds.put(node.output(0), OperatorKind.of(graph, node));
            node.outputs().forEach(o -> producers.put(o, node));
            node.inputs().stream().distinct().forEach(input -> consumers
                    .computeIfAbsent(input, i -> new ArrayList<>())
                    .add(node));
        }
        leaveFloats();
        findGroups();
    }

    /** The longest group that begins with a node; groups do not overlap. */
    private void findGroups() {
        Set<String> taken = new HashSet<>();
        for (Node first : graph.nodes()) {
            if (taken.contains(first.output(0))) {
                continue;
            }
            List<Node> longest = List.of();
            for (List<String> types : target.supergroups()) {
                List<Node> group = types.size() > longest.size() ? group(first, types, taken) : List.of();
                longest = group.size() > longest.size() ? group : longest;
            }
            for (Node node : longest) {
                taken.add(node.output(0));
                if (node != longest.getLast()) {
                    groupEnds.put(node.output(0), longest.getLast());
                }
            }
            if (longest.size() > 1 && kind(longest.getLast()) == OperatorKind.CLAMP) {
                fused.put(longest.get(longest.size() - 2).output(0), longest.getLast());
            }
        }
    }

    /** The nodes of these types from one on, each of them all that reads the one before; empty where they are not there. */
    private List<Node> group(Node first, List<String> types, Set<String> taken) {
        List<Node> group = new ArrayList<>();
        Optional<Node> next = Optional.of(first);
        for (String type : types) {
            if (next.isPresent()
                    && type(next.get()).equals(type)
                    && !taken.contains(next.get().output(0))) {
                group.add(next.get());
                next = onlyConsumer(next.get().output(0));
            } else if (!type.equals("BatchNormalization")) { // those are folded into the operators before them
                return List.of();
            }
        }
        return group;
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
        if (!options.activations().isQuantized()) {
            return Set.of();
        }
        Set<String> wanted = new HashSet<>();
        if (target.modelInputsQuantized()) {
            graph.inputs().forEach(input -> wanted.add(input.name()));
        }
        for (Node node : graph.nodes()) {
            if (target.readsIntegers(type(node))) {
                wanted.addAll(node.inputs());
            }
            switch (target.output(type(node))) {
                case QUANTIZED -> wanted.addAll(quantizedOutputs(node));
                case AS_INPUT -> {
                    // a ReLU that stays, as other nodes read what comes before it
                    if (kind(node) == OperatorKind.CLAMP && wanted.contains(node.input(0))) {
                        wanted.add(node.output(0));
                    }
                }
                case FLOAT -> {}
            }
        }
        wanted.removeAll(groupEnds.keySet());
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
        wanted.removeAll(groupEnds.keySet());
        target.modelOutputsQuantized().ifPresent(quantize -> graphOutputs.stream()
                .filter(floats::contains)
                .forEach(output -> {
                    if (quantize) {
                        wanted.add(output);
                    } else {
                        wanted.remove(output);
                    }
                }));
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
            if (kind(node) == OperatorKind.HARD_ACTIVATION
                    && quantized.contains(node.output(0))
                    && canBeGated(node, quantized)) {
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
        NumberFormat format = format(node.input(0));
        boolean gateIsOutput = node.op().equals("HardSigmoid") && graphOutputs.contains(node.output(0));
        return target.output(type(node)) == Target.OutputRule.AS_INPUT
                && made
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

    /** What a node makes, or the supergroup that goes on after it. */
    private List<String> quantizedOutputs(Node node) {
        Node end = groupEnds.get(node.output(0));
        if (end == null) {
            return node.outputs();
        }
        return target.output(type(end)) == Target.OutputRule.FLOAT ? List.of() : end.outputs();
    }

    private String type(Node node) {
        return target.typeOf(node, kind(node));
    }

    /** How activations and weights are quantized unless the target has a nearer rule. */
    QuantizeOptions options() {
        return options;
    }

    /** The numbers that an activation is stored in. */
    NumberFormat format(String tensor) {
        NumberFormat format = options.formats().getOrDefault(tensor, options.activations());
        return Optional.ofNullable(producers.get(tensor))
                .flatMap(node -> target.rule(type(node)).symmetric())
                .map(symmetric -> format.withSymmetry(target.activationSymmetry(symmetric)))
                .orElseGet(() -> format.withSymmetry(options.activations().symmetry()));
    }

    /** The numbers that a constant which takes the place of an activation is stored in: those of what the node reads besides. */
    NumberFormat constantFormat(Node node) {
        return node.inputs().stream()
                .filter(quantized::contains)
                .findFirst()
                .map(input -> format(root(input)))
                .orElse(options.activations());
    }

    /**
     * The options with the numbers and scales for one parameter of a node; floats where it is not quantized.
     *
     * @param name of the constant
     */
    QuantizeOptions options(Node node, String name, String role) {
        String type = type(node);
        if (!target.quantizes(type, role)) {
            return options.toBuilder().weights(NumberFormat.FLOAT32).build();
        }
        NumberFormat asked = options.formats()
                .getOrDefault(name, options.weights())
                .withSymmetry(options.weights().symmetry());
        NumberFormat format = target.weights(type, format(root(node.input(0))), asked);
        NumberFormat weights = target.symmetric(type, role)
                .map(symmetric -> format.withSymmetry(target.parameterSymmetry(symmetric)))
                .orElse(format);
        Granularity granularity = target.rule(type)
                .perChannel()
                .filter(perChannel -> !(options.granularity() instanceof Granularity.Blockwise))
                .map(perChannel -> perChannel ? Granularity.PER_CHANNEL : Granularity.PER_TENSOR)
                .orElse(options.granularity());
        boolean same = weights.equals(options.weights()) && granularity.equals(options.granularity());
        return same
                ? options
                : options.toBuilder().weights(weights).granularity(granularity).build();
    }

    /** As {@link #options(Node, String, String)}, for the weight of a layer. */
    QuantizeOptions weightOptions(Node layer) {
        return options(layer, layer.input(1), "weight");
    }

    /** Whether the constants that a node reads are quantized with it. */
    boolean quantizesConstants(Node node) {
        return target.readsIntegers(type(node)) || target.output(type(node)) == Target.OutputRule.QUANTIZED;
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

    /** The range of a tensor where the target fixes both of its ends. */
    Optional<ValueRange> fixedRange(String tensor) {
        return rule(tensor)
                .filter(rule -> rule.least().isPresent() && rule.most().isPresent())
                .map(rule -> new ValueRange(rule.least().get(), rule.most().get()));
    }

    /** A range that was found, with the end that the target fixes. */
    ValueRange constrained(String tensor, ValueRange found) {
        Optional<Target.OperatorRule> rule = rule(tensor);
        double least = rule.flatMap(Target.OperatorRule::least).orElse(found.min());
        double most = rule.flatMap(Target.OperatorRule::most).orElse(found.max());
        if (least <= most) {
            return new ValueRange(least, most);
        }
        double end = rule.flatMap(Target.OperatorRule::least).isPresent() ? least : most;
        return new ValueRange(end, end);
    }

    private Optional<Target.OperatorRule> rule(String tensor) {
        return Optional.ofNullable(producers.get(tensor)).map(node -> target.rule(type(node)));
    }

    /** The tensors whose ranges the calibration images must show. */
    List<String> toCalibrate() {
        return quantized.stream()
                .filter(t -> root(t).equals(t) && fixedRange(t).isEmpty())
                .toList();
    }
}
