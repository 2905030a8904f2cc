package dev.limbeck.tensor;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** One small graph for every operator and mode that the executor accepts. */
final class OperatorCases {

    /**
     * @param smooth whether finite differences give the gradient: false for operators that round
     */
    record Case(String name, Graph graph, FloatTensor input, boolean smooth) {
        @Override
        public String toString() {
            return name;
        }
    }

    private final List<Case> cases = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(11);

    private OperatorCases() {}

    static List<Case> all() {
        OperatorCases cases = new OperatorCases();
        cases.convolutions();
        cases.normalizations();
        cases.activations();
        cases.pooling();
        cases.arithmetic();
        cases.matrices();
        cases.shapes();
        cases.indexing();
        cases.resizing();
        cases.quantization();
        cases.olderOperatorSets();
        return cases.cases;
    }

    private GraphEditor editor;

    /** A case whose body adds nodes to {@link #editor} and returns the tensor that is the output. */
    private void add(String name, long[] shape, Function<GraphEditor, String> body) {
        add(name, Nets.normal(name.hashCode(), shape), GraphEditor.OPSET, true, body);
    }

    private void add(String name, FloatTensor input, int opset, boolean smooth, Function<GraphEditor, String> body) {
        editor = GraphEditor.create(name).input(Nets.input(input.shape())).requireOpset(opset);
        Graph graph = Nets.finish(editor, body.apply(editor));
        cases.add(new Case(name, graph, input, smooth));
    }

    private void unary(String op) {
        add(op, new long[] {2, 3, 4, 5}, g -> g.add(op, "y", "x"));
    }

    private static long[] dims(long... dims) {
        return dims;
    }

    private String weight(String name, long... shape) {
        return editor.initializer(name, Nets.weights(random, 0.5, shape));
    }

    private String longs(String name, long... values) {
        return editor.initializer(name, TensorValue.ofLongs(values, values.length));
    }

    private String number(String name, float value) {
        return editor.initializer(name, TensorValue.scalar(value));
    }

    private static Node node(String op, String... inputs) {
        return Node.of(op, op.toLowerCase(), List.of(inputs), List.of("y"));
    }

    private void convolutions() {
        long[] image = {2, 4, 7, 6};
        add("Conv", image, g -> g.add(node("Conv", "x", weight("w", 6, 4, 3, 3), weight("b", 6))));
        add("Conv 1x1", image, g -> g.add(node("Conv", "x", weight("w", 6, 4, 1, 1))));
        add(
                "Conv depthwise stride 2",
                image,
                g -> g.add(node("Conv", "x", weight("w", 4, 1, 3, 3))
                        .withInteger("group", 4)
                        .withIntegers("strides", 2, 2)
                        .withIntegers("pads", 1, 1, 1, 1)));
        add(
                "Conv grouped dilated",
                image,
                g -> g.add(node("Conv", "x", weight("w", 6, 2, 3, 3), weight("b", 6))
                        .withInteger("group", 2)
                        .withIntegers("dilations", 2, 2)
                        .withIntegers("pads", 2, 2, 2, 2)));
        add(
                "Conv asymmetric pads",
                image,
                g -> g.add(node("Conv", "x", weight("w", 6, 4, 3, 3))
                        .withIntegers("pads", 0, 1, 2, 0)
                        .withIntegers("strides", 2, 1)));
        for (String mode : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
            add(
                    "Conv " + mode,
                    image,
                    g -> g.add(node("Conv", "x", weight("w", 6, 4, 3, 3))
                            .withText("auto_pad", mode)
                            .withIntegers("strides", 2, 2)));
        }
        add(
                "ConvTranspose",
                image,
                g -> g.add(node("ConvTranspose", "x", weight("w", 4, 3, 3, 3), weight("b", 6))
                        .withInteger("group", 2)
                        .withIntegers("strides", 2, 2)
                        .withIntegers("pads", 1, 1, 1, 1)
                        .withIntegers("output_padding", 1, 1)));
    }

    private void normalizations() {
        add("BatchNormalization", dims(3, 4, 5, 2), g -> Nets.batchNorm(g, random, "x", 4));
        add("BatchNormalization of two dimensions", dims(5, 4), g -> Nets.batchNorm(g, random, "x", 4));
        add(
                "LayerNormalization",
                dims(2, 5, 8),
                g -> g.add(node("LayerNormalization", "x", weight("s", 8), weight("b", 8))));
        add(
                "LayerNormalization axis 1",
                dims(2, 5, 8),
                g -> g.add(node("LayerNormalization", "x", weight("s", 5, 8)).withInteger("axis", 1)));
        add(
                "InstanceNormalization",
                dims(2, 4, 5, 3),
                g -> g.add(node("InstanceNormalization", "x", weight("s", 4), weight("b", 4))));
    }

    private void activations() {
        for (String op :
                List.of("Relu", "Sigmoid", "Tanh", "HardSwish", "HardSigmoid", "Erf", "Softplus", "Identity", "Elu")) {
            unary(op);
        }
        add("Mish", Nets.normal(3, 2, 3, 4, 5), 18, true, g -> g.add("Mish", "y", "x"));
        add("Gelu", Nets.normal(3, 2, 3, 4, 5), 20, true, g -> g.add("Gelu", "y", "x"));
        add(
                "Gelu tanh",
                Nets.normal(3, 2, 3, 4, 5),
                20,
                true,
                g -> g.add(node("Gelu", "x").withText("approximate", "tanh")));
        add("HardSigmoid 1/6", dims(40), g -> g.add(node("HardSigmoid", "x").withNumber("alpha", 1 / 6f)));
        add(
                "HardSigmoid 1/3, 0.4",
                dims(40),
                g -> g.add(node("HardSigmoid", "x").withNumber("alpha", 1 / 3f).withNumber("beta", 0.4f)));
        add("Clip", dims(40), g -> g.add(node("Clip", "x", number("low", -0.5f), number("high", 0.7f))));
        add("Clip only above", dims(40), g -> g.add(node("Clip", "x", "", number("high", 0.7f))));
        add("LeakyRelu", dims(40), g -> g.add(node("LeakyRelu", "x").withNumber("alpha", 0.1f)));
        add("PRelu", dims(2, 3, 4, 5), g -> g.add(node("PRelu", "x", weight("slope", 3, 1, 1))));
        add("Softmax", dims(3, 4, 5), g -> g.add("Softmax", "y", "x"));
        add("Softmax axis 1", dims(3, 4, 5), g -> g.add(node("Softmax", "x").withInteger("axis", 1)));
        add("LogSoftmax", dims(3, 5), g -> g.add("LogSoftmax", "y", "x"));
        add("Dropout in evaluation", dims(3, 5), g -> g.add("Dropout", "y", "x"));
        add(
                "Conv, BatchNormalization, Relu",
                dims(2, 4, 5, 5),
                g -> g.add("Relu", "r", Nets.conv(g, random, "x", 4, 4, 3, 1, 1)));
        add(
                "Conv, BatchNormalization, Clip",
                dims(2, 4, 5, 5),
                g -> Nets.clip(g, Nets.conv(g, random, "x", 4, 4, 3, 1, 4)));
    }

    private void pooling() {
        long[] image = {2, 3, 7, 6};
        add("GlobalAveragePool", image, g -> g.add("GlobalAveragePool", "y", "x"));
        add("GlobalMaxPool", image, g -> g.add("GlobalMaxPool", "y", "x"));
        add("MaxPool", image, g -> g.add(node("MaxPool", "x").withIntegers("kernel_shape", 2, 2)));
        add("MaxPool padded", image, g -> g.add(window("MaxPool").withIntegers("pads", 1, 1, 1, 1)));
        add("MaxPool ceil", image, g -> g.add(window("MaxPool").withInteger("ceil_mode", 1)));
        add("MaxPool asymmetric", image, g -> g.add(window("MaxPool").withIntegers("pads", 0, 1, 1, 0)));
        add("MaxPool SAME_UPPER", image, g -> g.add(window("MaxPool").withText("auto_pad", "SAME_UPPER")));
        add("AveragePool", image, g -> g.add(window("AveragePool")));
        add("AveragePool ceil", image, g -> g.add(window("AveragePool").withInteger("ceil_mode", 1)));
        add("AveragePool padded", image, g -> g.add(window("AveragePool").withIntegers("pads", 1, 1, 1, 1)));
        add(
                "AveragePool counting pads",
                image,
                g -> g.add(
                        window("AveragePool").withIntegers("pads", 1, 1, 1, 1).withInteger("count_include_pad", 1)));
        add("ReduceMean", image, g -> g.add(node("ReduceMean", "x").withIntegers("axes", 2, 3)));
        add(
                "ReduceMean flat",
                image,
                g -> g.add(node("ReduceMean", "x").withIntegers("axes", -1, -2).withInteger("keepdims", 0)));
        add("ReduceMean 18", Nets.normal(1, image), 18, true, g -> g.add(node("ReduceMean", "x", longs("axes", 2, 3))));
        add("ReduceMean of all", image, g -> g.add("ReduceMean", "y", "x"));
        add("ReduceSum", image, g -> g.add(node("ReduceSum", "x", longs("axes", 1))));
        add("ReduceMax", image, g -> g.add(node("ReduceMax", "x").withIntegers("axes", 2, 3)));
        add("ReduceMin", image, g -> g.add(node("ReduceMin", "x").withIntegers("axes", 1)));
        add("ReduceL2", image, g -> g.add(node("ReduceL2", "x").withIntegers("axes", 1)));
    }

    private static Node window(String op) {
        return node(op, "x").withIntegers("kernel_shape", 3, 3).withIntegers("strides", 2, 2);
    }

    private void arithmetic() {
        for (String op : List.of("Neg", "Abs", "Exp")) {
            unary(op);
        }
        FloatTensor positive = Nets.normal(9, 2, 3, 4);
        for (int i = 0; i < positive.data().length; i++) {
            positive.data()[i] = Math.abs(positive.data()[i]) + 0.5f;
        }
        for (String op : List.of("Sqrt", "Log", "Reciprocal")) {
            add(op, positive, GraphEditor.OPSET, true, g -> g.add(op, "y", "x"));
        }
        for (String op : List.of("Add", "Mul", "Sub")) {
            add(op, dims(2, 3, 4), g -> g.add(node(op, "x", weight("w", 3, 1))));
            add(op + " of itself", dims(2, 3, 4), g -> g.add(node(op, "x", "x")));
        }
        add("Sub from constant", dims(2, 3), g -> g.add(node("Sub", number("one", 1), "x")));
        add("Div", positive, GraphEditor.OPSET, true, g -> g.add(node("Div", number("one", 1), "x")));
        add("Pow", positive, GraphEditor.OPSET, true, g -> g.add(node("Pow", "x", number("e", 2.5f))));
        add("Pow of negatives", dims(12), g -> g.add(node("Pow", "x", number("e", 2))));
        add("Min", dims(2, 3), g -> g.add(node("Min", "x", weight("w", 3))));
        add("Max", dims(2, 3), g -> g.add(node("Max", "x", weight("w", 3))));
        add("Sum", dims(2, 3), g -> g.add(node("Sum", "x", weight("w", 3), "x")));
        add("Floor", Nets.normal(1, 20), GraphEditor.OPSET, false, g -> g.add("Floor", "y", "x"));
        add("Equal, Where", dims(2, 3), g -> {
            g.initializer("a", TensorValue.ofLongs(new long[] {1, 2, 3}, 3));
            g.initializer("b", TensorValue.ofLongs(new long[] {1, 0, 3}, 3));
            return g.add(node("Where", g.add("Equal", "same", "a", "b"), "x", weight("w", 2, 3)));
        });
    }

    private void matrices() {
        add("Gemm", dims(3, 4), g -> g.add(node("Gemm", "x", weight("w", 4, 5), weight("b", 5))));
        add(
                "Gemm transposed",
                dims(3, 4),
                g -> g.add(node("Gemm", "x", weight("w", 5, 4), weight("b", 5)).withInteger("transB", 1)));
        add(
                "Gemm scaled",
                dims(4, 3),
                g -> g.add(node("Gemm", "x", weight("w", 4, 5), weight("b", 5))
                        .withInteger("transA", 1)
                        .withNumber("alpha", 0.5f)
                        .withNumber("beta", 2)));
        add(
                "Gemm without bias",
                dims(3, 4),
                g -> g.add(node("Gemm", "x", weight("w", 4, 5)).withNumber("alpha", 0.5f)));
        add("MatMul", dims(2, 3, 4), g -> g.add(node("MatMul", "x", weight("w", 4, 5))));
        add(
                "MatMul batched",
                dims(2, 3, 4),
                g -> g.add(node(
                        "MatMul",
                        "x",
                        g.add(node("Transpose", "x")
                                .withIntegers("perm", 0, 2, 1)
                                .withOutputs(List.of("t"))))));
    }

    private void shapes() {
        long[] image = {2, 3, 4, 5};
        add("Flatten", image, g -> g.add("Flatten", "y", "x"));
        add("Flatten axis 2", image, g -> g.add(node("Flatten", "x").withInteger("axis", 2)));
        add(
                "Flatten after Conv",
                image,
                g -> g.add(
                        "Flatten",
                        "y",
                        g.add(node("Conv", "x", weight("w", 3, 3, 1, 1)).withOutputs(List.of("c")))));
        add("Reshape", image, g -> g.add(node("Reshape", "x", longs("s", 0, -1, 5))));
        add("Reshape by computed shape", image, g -> {
            String batch = g.add("Gather", "batch", g.add("Shape", "shape", "x"), longs("zero", 0));
            return g.add(
                    "Reshape",
                    "y",
                    "x",
                    g.add(node("Concat", batch, longs("rest", -1))
                            .withInteger("axis", 0)
                            .withOutputs(List.of("target"))));
        });
        add("Transpose", image, g -> g.add(node("Transpose", "x").withIntegers("perm", 0, 2, 3, 1)));
        add("Transpose reversed", image, g -> g.add("Transpose", "y", "x"));
        add("Squeeze", dims(1, 3, 1, 2), g -> g.add("Squeeze", "y", "x"));
        add("Squeeze axes", dims(1, 3, 1, 2), g -> g.add(node("Squeeze", "x", longs("a", -2))));
        add("Unsqueeze", dims(3, 2), g -> g.add(node("Unsqueeze", "x", longs("a", -1, 0))));
        add("Expand", dims(3, 1), g -> g.add(node("Expand", "x", longs("s", 2, 1, 4))));
        add("Cast", dims(3, 2), g -> g.add(node("Cast", "x").withInteger("to", ElementType.FLOAT.code())));
        add(
                "ConstantOfShape",
                dims(3, 2),
                g -> g.add(node(
                        "Add",
                        "x",
                        g.add(node("ConstantOfShape", g.add("Shape", "shape", "x"))
                                .withTensor("value", TensorValue.ofFloats(new float[] {2}, 1))
                                .withOutputs(List.of("two"))))));
        long[] deep = {2, 12, 3, 2};
        add("DepthToSpace DCR", deep, g -> g.add(node("DepthToSpace", "x").withInteger("blocksize", 2)));
        add(
                "DepthToSpace CRD",
                deep,
                g -> g.add(node("DepthToSpace", "x").withInteger("blocksize", 2).withText("mode", "CRD")));
        add(
                "SpaceToDepth",
                dims(2, 3, 4, 6),
                g -> g.add(node("SpaceToDepth", "x").withInteger("blocksize", 2)));
    }

    private void indexing() {
        long[] image = {2, 6, 4, 5};
        add(
                "Concat",
                image,
                g -> g.add(node("Concat", "x", weight("w", 2, 1, 4, 5), "x").withInteger("axis", 1)));
        add("Concat last axis", image, g -> g.add(node("Concat", "x", "x").withInteger("axis", -1)));
        add(
                "Split",
                image,
                g -> parts(g, node("Split", "x", longs("s", 1, 3, 2)).withInteger("axis", 1), 3));
        add("Split evenly", image, g -> parts(g, node("Split", "x").withInteger("axis", 1), 3));
        add(
                "Slice",
                image,
                g -> g.add(node(
                        "Slice",
                        "x",
                        longs("from", 1, 0),
                        longs("to", 5, Long.MAX_VALUE),
                        longs("a", 1, -1),
                        longs("d", 2, 3))));
        add(
                "Slice from the end",
                image,
                g -> g.add(node("Slice", "x", longs("from", -3), longs("to", -1), longs("a", 1))));
        add(
                "Gather",
                image,
                g -> g.add(node("Gather", "x", longs("i", 3, -1, 0)).withInteger("axis", 1)));
        add("Gather one", image, g -> {
            g.initializer("i", TensorValue.ofLongs(new long[] {0}));
            return g.add(node("Gather", "x", "i").withInteger("axis", 1));
        });
        add("Gather from a table", dims(2, 3, 4), g -> {
            g.initializer("i", TensorValue.ofLongs(new long[] {0, 2, 2}, 3));
            return g.add(node("Add", "x", g.add("Gather", "rows", weight("table", 5, 4), "i")));
        });
        add("Pad", image, g -> g.add(node("Pad", "x", longs("p", 0, 0, 1, 2, 0, 1, 0, 1), number("v", 0.5f))));
        for (String mode : List.of("reflect", "edge")) {
            add(
                    "Pad " + mode,
                    image,
                    g -> g.add(
                            node("Pad", "x", longs("p", 0, 0, 1, 2, 0, 0, 0, 1)).withText("mode", mode)));
        }
    }

    /** Puts the outputs of a split together in another order. */
    private static String parts(GraphEditor g, Node split, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("part" + i);
        }
        g.add(split.withOutputs(names));
        return g.add(node("Concat", names.reversed().toArray(String[]::new)).withInteger("axis", 1));
    }

    private void resizing() {
        long[] image = {2, 3, 7, 9};
        for (float scale : new float[] {0.34f, 0.6f, 1.5f, 2, 2.7f}) {
            for (String mode : List.of(
                    "linear half_pixel",
                    "linear pytorch_half_pixel",
                    "linear align_corners",
                    "cubic half_pixel",
                    "nearest asymmetric")) {
                String[] words = mode.split(" ");
                add("Resize " + mode + " x" + scale, image, g -> {
                    g.initializer("scales", TensorValue.ofFloats(new float[] {1, 1, scale, scale}, 4));
                    return g.add(node("Resize", "x", "", "scales")
                            .withText("mode", words[0])
                            .withText("coordinate_transformation_mode", words[1])
                            .withText("nearest_mode", "floor"));
                });
            }
        }
        add(
                "Resize to a size",
                image,
                g -> g.add(
                        node("Resize", "x", "", "", longs("sizes", 2, 3, 10, 5)).withText("mode", "linear")));
    }

    private void quantization() {
        for (ElementType type : List.of(ElementType.UINT8, ElementType.INT8)) {
            add("QuantizeLinear " + type, Nets.normal(2, 2, 3, 4, 5), GraphEditor.OPSET, false, g -> {
                g.initializer("s", TensorValue.scalar(0.02f));
                g.initializer("z", TensorValue.ofBytes(type, new byte[] {3}));
                return g.add(node("DequantizeLinear", g.add("QuantizeLinear", "q", "x", "s", "z"), "s", "z"));
            });
        }
        add("QuantizeLinear per channel", Nets.normal(2, 2, 3, 4, 5), GraphEditor.OPSET, false, g -> {
            g.initializer("s", TensorValue.ofFloats(new float[] {0.01f, 0.03f, 0.05f}, 3));
            g.initializer("z", TensorValue.ofBytes(ElementType.INT8, new byte[] {0, 5, -7}, 3));
            return g.add(node("DequantizeLinear", g.add("QuantizeLinear", "q", "x", "s", "z"), "s", "z"));
        });
        add("DequantizeLinear of weights", dims(2, 2, 4, 4), g -> {
            g.initializer("q", TensorValue.ofBytes(ElementType.INT8, new byte[] {1, -2, 3, 4, 5, -6}, 3, 2, 1, 1));
            g.initializer("s", TensorValue.ofFloats(new float[] {0.1f, 0.2f, 0.3f}, 3));
            g.initializer("z", TensorValue.ofBytes(ElementType.INT8, new byte[3], 3));
            g.initializer("qb", TensorValue.ofInts(new int[] {100, -200, 300}, 3));
            g.initializer("zb", TensorValue.ofInts(new int[3], 3));
            String w = g.add(node("DequantizeLinear", "q", "s", "z")
                    .withInteger("axis", 0)
                    .withOutputs(List.of("w")));
            String b = g.add(node("DequantizeLinear", "qb", "s", "zb")
                    .withName("bias")
                    .withInteger("axis", 0)
                    .withOutputs(List.of("b")));
            return g.add(node("Conv", "x", w, b));
        });
    }

    /** What newer operator sets take as inputs were attributes once. */
    private void olderOperatorSets() {
        long[] shape = {2, 3, 4};
        old(11, "Softmax", shape, node("Softmax", "x"));
        old(11, "Softmax", shape, node("Softmax", "x").withInteger("axis", 2));
        old(11, "LogSoftmax", shape, node("LogSoftmax", "x"));
        old(11, "Squeeze", dims(1, 3, 1, 2), node("Squeeze", "x").withIntegers("axes", 0, 2));
        old(11, "Unsqueeze", shape, node("Unsqueeze", "x").withIntegers("axes", 0, 3));
        old(
                11,
                "ReduceSum",
                shape,
                node("ReduceSum", "x").withIntegers("axes", 1).withInteger("keepdims", 0));
        old(11, "Dropout", shape, node("Dropout", "x").withNumber("ratio", 0.3f));
        old(9, "Clip", shape, node("Clip", "x").withNumber("min", -0.5f).withNumber("max", 0.6f));
        old(
                9,
                "Pad",
                shape,
                node("Pad", "x").withIntegers("pads", 0, 1, 2, 0, 0, 1).withNumber("value", 0.5f));
        old(
                9,
                "Slice",
                shape,
                node("Slice", "x")
                        .withIntegers("starts", 1, -2)
                        .withIntegers("ends", 3, 9)
                        .withIntegers("axes", 1, 2));
        old(11, "Split", dims(2, 6), node("Split", "x").withInteger("axis", 1).withIntegers("split", 2, 4));
        old(9, "BatchNormalization", dims(2, 3, 4), node("BatchNormalization", "x", "s", "b", "m", "v"));
    }

    private void old(int opset, String op, long[] shape, Node node) {
        GraphEditor g = GraphEditor.create(op).input(Nets.input(shape));
        editor = g;
        weight("s", 3);
        weight("b", 3);
        weight("m", 3);
        g.initializer("v", TensorValue.ofFloats(new float[] {1, 2, 3}, 3));
        if (op.equals("Split")) {
            g.add(node.withOutputs(List.of("first", "y")));
        } else {
            g.add(node);
        }
        ModelProto.Builder model = Nets.finish(g, "y").proto().toBuilder();
        model.getOpsetImportBuilder(0).setVersion(opset);
        String name = op + " of operator set " + opset + " " + cases.size();
        cases.add(new Case(name, Graph.of(model.build()), Nets.normal(5, shape), true));
    }
}
