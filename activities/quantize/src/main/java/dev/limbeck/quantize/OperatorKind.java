package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What quantization makes of a node; follows what ONNX Runtime's CPU provider fuses into integer kernels. */
enum OperatorKind {
    /** Convolution or matrix product with a constant weight. */
    WEIGHTED,
    /** Other operators with an integer kernel: inputs and output are quantized, each with its own scale. */
    ARITHMETIC,
    /** Moves or selects elements: runs on integers when input and output share a scale. */
    TRANSPARENT,
    /** HardSigmoid and HardSwish, which can be written with integer kernels of other operators. */
    HARD_ACTIVATION,
    /** ReLU, or a Clip from zero: vanishes into the range of the quantized output of the operator before it, if that is all it reads. */
    CLAMP,
    /** Runs on floats, and so do the tensors between two such nodes. */
    FLOAT;

    private static final Set<String> ARITHMETIC_OPERATORS = Set.of(
            "Add", "Mul", "MatMul", "GlobalAveragePool", "AveragePool", "LeakyRelu", "Sigmoid", "Softmax", "Concat");
    private static final Set<String> TRANSPARENT_OPERATORS =
            Set.of("MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze");

    static OperatorKind of(Graph graph, Node node) {
        if (isWeighted(graph, node)) {
            return WEIGHTED;
        }
        if (isMasked(graph, node)) {
            return FLOAT;
        }
        if (ARITHMETIC_OPERATORS.contains(node.op())) {
            return ARITHMETIC;
        }
        if (TRANSPARENT_OPERATORS.contains(node.op())) {
            return TRANSPARENT;
        }
        if (isClamp(graph, node)) {
            return CLAMP;
        }
        return hardSigmoid(node).isPresent() ? HARD_ACTIVATION : FLOAT;
    }

    /** The sum or choice before a softmax, and the softmax: beside a mask of nearly minus infinity 8 bits leave nothing to the scores. */
    private static boolean isMasked(Graph graph, Node node) {
        if (node.op().equals("Softmax")) {
            return graph.producer(node.input(0))
                    .filter(maker -> maker.op().equals("Add") || maker.op().equals("Where"))
                    .isPresent();
        }
        List<Node> readers = node.op().equals("Add") ? graph.consumers(node.output(0)) : List.of();
        return !readers.isEmpty()
                && readers.stream().allMatch(reader -> reader.op().equals("Softmax"));
    }

    private static boolean isClamp(Graph graph, Node node) {
        if (node.op().equals("Relu")) {
            return true;
        }
        return node.op().equals("Clip")
                && bound(graph, node, 1).filter(low -> low == 0).isPresent()
                && (!node.hasInput(2)
                        || bound(graph, node, 2).filter(high -> high > 0).isPresent());
    }

    /** Of a {@link #CLAMP}; empty for a ReLU. */
    static Optional<Float> upperBound(Graph graph, Node clamp) {
        return clamp.op().equals("Clip") ? bound(graph, clamp, 2) : Optional.empty();
    }

    private static Optional<Float> bound(Graph graph, Node clip, int input) {
        return graph.initializer(clip.input(input)).map(TensorValue::scalarFloat);
    }

    private static boolean isWeighted(Graph graph, Node node) {
        Optional<TensorValue> weight = graph.initializer(node.input(1));
        if (weight.isEmpty()) {
            return false;
        }
        long[] shape = weight.get().shape();
        return switch (node.op()) {
            case "Conv" -> hasUsableBias(graph, node, shape);
            case "Gemm" ->
                shape.length == 2
                        && hasUsableBias(graph, node, shape)
                        && node.number("alpha", 1) == 1
                        && node.number("beta", 1) == 1
                        && node.integer("transA", 0) == 0;
            case "MatMul" -> shape.length == 2;
            default -> false;
        };
    }

    /** None, or a constant of one value an output channel. */
    private static boolean hasUsableBias(Graph graph, Node node, long[] weightShape) {
        return !node.hasInput(2)
                || graph.initializer(node.input(2))
                        .filter(bias -> bias.shape().length == 1 && bias.size() == weightShape[outputAxis(node)])
                        .isPresent();
    }

    /** Axis of the output channels in the weight of a {@link #WEIGHTED} node. */
    static int outputAxis(Node node) {
        return switch (node.op()) {
            case "Conv" -> 0;
            case "Gemm" -> node.integer("transB", 0) == 1 ? 0 : 1;
            default -> 1;
        };
    }

    /** What a constant is to an operator that reads it: its weight, bias or a running statistic; empty for anything else. */
    static Optional<String> parameterRole(Node node, int input) {
        List<String> roles =
                switch (node.op()) {
                    case "Conv", "ConvTranspose", "Gemm" -> List.of("", "weight");
                    case "PRelu" -> List.of("", "weight");
                    case "Gather" -> List.of("weight");
                    case "LayerNormalization", "InstanceNormalization", "GroupNormalization" ->
                        List.of("", "weight", "bias");
                    case "BatchNormalization" -> List.of("", "weight", "bias", "running_mean", "running_var");
                    default -> List.of();
                };
        return input < roles.size() && !roles.get(input).isEmpty() ? Optional.of(roles.get(input)) : Optional.empty();
    }

    /** Whether an operator's weight has output channels, on {@link #outputAxis}. */
    static boolean hasOutputChannels(Node node) {
        return Set.of("Conv", "ConvTranspose", "Gemm").contains(node.op());
    }

    /** Whether constants take the place of activations in an operator that is no {@link #ARITHMETIC} one. */
    static boolean readsConstantsAsActivations(Node node) {
        return Set.of("Add", "Sub", "Mul", "Div").contains(node.op());
    }

    /** The slope and shift of the hard sigmoid that a node computes, or multiplies its input by; empty for other nodes. */
    static Optional<HardSigmoid> hardSigmoid(Node node) {
        HardSigmoid gate =
                switch (node.op()) {
                    case "HardSigmoid" -> new HardSigmoid(node.number("alpha", 0.2f), node.number("beta", 0.5f));
                    case "HardSwish" -> new HardSigmoid(1 / 6.0, 0.5); // fixed by ONNX
                    default -> null;
                };
        return Optional.ofNullable(gate).filter(g -> g.slope() > 0 && g.shift() > 0 && g.shift() < 1);
    }

    /** max(0, min(1, slope x + shift)). */
    record HardSigmoid(double slope, double shift) {

        /** The largest input that gives 0. */
        double low() {
            return -shift / slope;
        }

        /** The smallest input that gives 1. */
        double high() {
            return (1 - shift) / slope;
        }
    }
}
