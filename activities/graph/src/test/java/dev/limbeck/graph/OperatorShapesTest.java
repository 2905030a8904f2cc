package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Networks of one operator: the inferred shape and type against those that come out of ONNX Runtime. */
class OperatorShapesTest {

    private static final long[] IMAGE = {2, 6, 9, 7};

    private final List<DynamicTest> tests = new ArrayList<>();

    @TestFactory
    Stream<DynamicTest> agreesWithOnnxRuntime() {
        convolutions();
        pools();
        layouts();
        indexing();
        arithmetic();
        quantization();
        matrices();
        return tests.stream();
    }

    private void convolutions() {
        add("Conv strided", IMAGE, "Conv", n -> n.withIntegers("strides", 2, 3), floats(4, 6, 3, 2));
        add("Conv dilated", IMAGE, "Conv", n -> n.withIntegers("dilations", 2, 1), floats(4, 6, 3, 2));
        add("Conv uneven pads", IMAGE, "Conv", n -> n.withIntegers("pads", 1, 0, 2, 3), floats(4, 6, 3, 2));
        for (String pad : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
            UnaryOperator<Node> strided = n -> n.withText("auto_pad", pad).withIntegers("strides", 2, 2);
            add("Conv " + pad, IMAGE, "Conv", strided, floats(4, 6, 3, 3));
            add("ConvTranspose " + pad, IMAGE, "ConvTranspose", strided, floats(6, 4, 3, 3));
            add("MaxPool " + pad, IMAGE, "MaxPool", n -> strided.apply(n).withIntegers("kernel_shape", 3, 3));
        }
        add("Conv 1-D", new long[] {2, 6, 9}, "Conv", n -> n.withInteger("group", 3), floats(6, 2, 4));
        add(
                "ConvTranspose output padding",
                IMAGE,
                "ConvTranspose",
                n -> n.withIntegers("strides", 2, 2)
                        .withIntegers("output_padding", 1, 1)
                        .withIntegers("pads", 1, 1, 1, 1)
                        .withInteger("group", 2),
                floats(6, 4, 3, 3));
        add(
                "ConvTranspose output shape",
                IMAGE,
                "ConvTranspose",
                n -> n.withIntegers("strides", 2, 2).withIntegers("output_shape", 18, 14),
                floats(6, 4, 3, 3));
        add("Resize scales", IMAGE, "Resize", n -> n, floatsOf(), floatsOf(1, 1, 2.5f, 0.6f));
        add("Resize sizes", IMAGE, "Resize", n -> n, null, null, longs(2, 6, 5, 13));
        add("DepthToSpace", new long[] {2, 8, 3, 3}, "DepthToSpace", n -> n.withInteger("blocksize", 2));
        add("SpaceToDepth", new long[] {2, 8, 4, 6}, "SpaceToDepth", n -> n.withInteger("blocksize", 2));
    }

    private void pools() {
        for (int size = 5; size <= 9; size++) {
            for (int stride = 1; stride <= 4; stride++) {
                long step = stride;
                add(
                        "MaxPool ceil " + size + "/" + stride,
                        new long[] {1, 2, size, size + 1},
                        "MaxPool",
                        n -> n.withInteger("ceil_mode", 1)
                                .withIntegers("kernel_shape", 3, 2)
                                .withIntegers("pads", 1, 1, 1, 1)
                                .withIntegers("strides", step, step));
            }
        }
        add("AveragePool", IMAGE, "AveragePool", n -> n.withIntegers("kernel_shape", 2, 3));
        add("GlobalAveragePool", IMAGE, "GlobalAveragePool", n -> n);
        add("GlobalMaxPool", IMAGE, "GlobalMaxPool", n -> n);
        for (String name : List.of("ReduceMean", "ReduceMax", "ReduceL2")) {
            add(name + " axes", IMAGE, name, n -> n.withIntegers("axes", 1, -1));
            add(name + " flat", IMAGE, name, n -> n.withIntegers("axes", 2, 3).withInteger("keepdims", 0));
            add(name + " all", IMAGE, name, n -> n);
        }
        add("ReduceSum", IMAGE, "ReduceSum", n -> n.withInteger("keepdims", 0), longs(1, 2));
        add("ArgMax", IMAGE, "ArgMax", n -> n.withInteger("axis", -1).withInteger("keepdims", 0));
    }

    private void layouts() {
        add("Reshape", IMAGE, "Reshape", n -> n, longs(0, -1, 7));
        add("Flatten", IMAGE, "Flatten", n -> n.withInteger("axis", 2));
        add("Flatten negative", IMAGE, "Flatten", n -> n.withInteger("axis", -1));
        add("Transpose", IMAGE, "Transpose", n -> n.withIntegers("perm", 0, 2, 3, 1));
        add("Transpose default", IMAGE, "Transpose", n -> n);
        add("Unsqueeze", IMAGE, "Unsqueeze", n -> n, longs(-1, 0));
        add("Squeeze", new long[] {2, 1, 3, 1}, "Squeeze", n -> n, longs(-1));
        add("Squeeze all", new long[] {2, 1, 3, 1}, "Squeeze", n -> n);
        add("Expand", new long[] {2, 1, 3}, "Expand", n -> n, longs(4, 1, 5, 1));
        add("Tile", new long[] {2, 3}, "Tile", n -> n, longs(3, 2));
        add("Pad", IMAGE, "Pad", n -> n.withText("mode", "reflect"), longs(0, 0, 1, 2, 0, 0, 3, 0));
        add("Pad negative", IMAGE, "Pad", n -> n, longs(0, 0, -1, 2, 0, -2, 3, 0));
        add("Concat", IMAGE, "Concat", n -> n.withInteger("axis", -3), floats(2, 5, 9, 7));
        add("Split even", IMAGE, "Split", n -> outputs(n.withInteger("axis", 1), 3));
        add("Split sizes", IMAGE, "Split", n -> outputs(n.withInteger("axis", 1), 2), longs(1, 5));
    }

    private void indexing() {
        add("Slice", IMAGE, "Slice", n -> n, longs(1, 0), longs(Long.MAX_VALUE, -2), longs(2, -1), longs(3, 2));
        add("Slice backwards", IMAGE, "Slice", n -> n, longs(-1), longs(Long.MIN_VALUE), longs(1), longs(-2));
        add("Slice beyond", IMAGE, "Slice", n -> n, longs(-100, 5), longs(100, 2), longs(1, 2));
        add("Slice backwards to a bound", IMAGE, "Slice", n -> n, longs(100), longs(2), longs(2), longs(-3));
        add(
                "Gather",
                IMAGE,
                "Gather",
                n -> n.withInteger("axis", 1),
                TensorValue.ofLongs(new long[] {0, 5, -1, 2}, 2, 2));
        add("Gather scalar", IMAGE, "Gather", n -> n.withInteger("axis", -1), TensorValue.ofLongs(new long[] {3}));
        add(
                "GatherElements",
                new long[] {2, 3},
                "GatherElements",
                n -> n,
                TensorValue.ofLongs(new long[] {0, 1, 0}, 1, 3));
        add("GatherND", new long[] {2, 3, 4}, "GatherND", n -> n, TensorValue.ofLongs(new long[] {0, 1, 1, 2}, 2, 2));
        add("TopK", IMAGE, "TopK", n -> outputs(n.withInteger("axis", 1), 2), longs(3));
        add("Shape", IMAGE, "Shape", n -> n.withInteger("start", -3).withInteger("end", 3));
        add("Size", IMAGE, "Size", n -> n);
    }

    private void arithmetic() {
        for (String name : List.of("Add", "Sub", "Mul", "Div", "Pow", "Max", "Less", "Equal", "GreaterOrEqual")) {
            add(name + " broadcast", new long[] {2, 1, 5}, name, n -> n, floats(3, 1));
        }
        for (String name : List.of("Relu", "Sigmoid", "Erf", "HardSwish", "Softplus", "LeakyRelu", "Softmax", "Not")) {
            if (!name.equals("Not")) {
                add(name, IMAGE, name, n -> n);
            }
        }
        add("PRelu", IMAGE, "PRelu", n -> n, floats(6, 1, 1));
        add("Cast", IMAGE, "Cast", n -> n.withInteger("to", ElementType.INT32.code()));
        add("Dropout", IMAGE, "Dropout", n -> outputs(n, 2));
        add("LayerNormalization", IMAGE, "LayerNormalization", n -> outputs(n.withInteger("axis", 2), 2), floats(9, 7));
        add("InstanceNormalization", IMAGE, "InstanceNormalization", n -> n, floats(6), floats(6));
    }

    private void quantization() {
        TensorValue scale = TensorValue.scalar(0.1f);
        add("QuantizeLinear", IMAGE, "QuantizeLinear", n -> n, scale);
        TensorValue zero = TensorValue.ofBytes(ElementType.INT8, new byte[1]);
        add("QuantizeLinear int8", IMAGE, "QuantizeLinear", n -> n, scale, zero);
        add("DynamicQuantizeLinear", IMAGE, "DynamicQuantizeLinear", n -> outputs(n, 3));
    }

    private void matrices() {
        add("Gemm", new long[] {4, 3}, "Gemm", n -> n.withInteger("transA", 1), floats(4, 5));
        add("Gemm transposed", new long[] {4, 3}, "Gemm", n -> n.withInteger("transB", 1), floats(5, 3));
        add("MatMul batches", new long[] {2, 1, 4, 3}, "MatMul", n -> n, floats(5, 3, 6));
        add("MatMul vector", new long[] {2, 4, 3}, "MatMul", n -> n, floats(3));
        add("MatMul vector left", new long[] {3}, "MatMul", n -> n, floats(2, 3, 4));
        add("Einsum", new long[] {2, 3, 4}, "Einsum", n -> n.withText("equation", "bij,jk->bki"), floats(4, 5));
        add("Einsum implicit", new long[] {3, 4}, "Einsum", n -> n.withText("equation", "ij,jk"), floats(4, 5));
        add(
                "LSTM",
                new long[] {5, 2, 3},
                "LSTM",
                n -> outputs(n.withInteger("hidden_size", 4).withText("direction", "bidirectional"), 3),
                floats(2, 16, 3),
                floats(2, 16, 4));
        add(
                "GRU",
                new long[] {5, 2, 3},
                "GRU",
                n -> outputs(n.withInteger("hidden_size", 4), 2),
                floats(1, 12, 3),
                floats(1, 12, 4));
    }

    private static Node outputs(Node node, int count) {
        List<String> names = new ArrayList<>(List.of("y"));
        for (int i = 1; i < count; i++) {
            names.add("y" + i);
        }
        return node.withOutputs(names);
    }

    private static TensorValue longs(long... values) {
        return TensorValue.ofLongs(values, values.length);
    }

    private static TensorValue floatsOf(float... values) {
        return TensorValue.ofFloats(values, values.length);
    }

    private static TensorValue floats(long... shape) {
        return TensorValue.ofFloats(
                Oracle.normal(new java.util.Random(5), shape).data(), shape);
    }

    private void add(String name, long[] input, String op, UnaryOperator<Node> change, TensorValue... constants) {
        tests.add(DynamicTest.dynamicTest(name, () -> {
            GraphEditor editor = GraphEditor.create(op).input(new ValueInfo("x", ElementType.FLOAT, input));
            List<String> inputs = new ArrayList<>(List.of("x"));
            for (TensorValue constant : constants) {
                inputs.add(constant == null ? "" : editor.initializer(editor.unique("c"), constant));
            }
            Node node = change.apply(Node.of(op, "node", inputs, List.of("y")));
            editor.add(node);
            node.outputs().forEach(o -> editor.output(ValueInfo.unranked(o, ElementType.FLOAT)));
            ShapeInferenceTest.assertAgrees(editor.build(), 1);
        }));
    }
}
