package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes matrix products with constant weights as ONNX Runtime's operator MatMulNBits (domain com.microsoft): weights of 4 bits with a
 * scale for each block of input channels, multiplied by floats. What they read and make is left in floats.
 */
final class MatMulNBits {

    /** As {@link Node#op()} calls it. */
    static final String OP = "com.microsoft.MatMulNBits";

    private static final String DOMAIN = "com.microsoft";
    private static final int BITS = 4;
    private static final int HALF = 1 << (BITS - 1);

    private final Graph graph;
    private final GraphEditor editor;
    private final QuantizeOptions options;

    private MatMulNBits(Graph graph, QuantizeOptions options) {
        this.graph = graph;
        this.editor = graph.edit();
        NumberFormat format = options.weights();
        boolean asymmetric = !format.isFloat() && format.symmetry() == Symmetry.ASYMMETRIC;
        this.options = options.toBuilder()
                .weights(BITS, asymmetric ? Symmetry.ASYMMETRIC : Symmetry.SYMMETRIC)
                .granularity(Granularity.blockwise(options.matMulBlockSize()))
                .build();
    }

    /** @return the graph with all MatMul and Gemm that have a constant weight replaced */
    static Graph write(Graph graph, QuantizeOptions options) {
        MatMulNBits writer = new MatMulNBits(graph, options);
        graph.nodes().stream().filter(node -> isReplaced(graph, node)).forEach(writer::replace);
        return writer.editor.build();
    }

    /** In words for a report. */
    static String describe(QuantizeOptions options) {
        return "matrix products with " + BITS + "-bit weights in blocks of " + options.matMulBlockSize()
                + " (MatMulNBits)";
    }

    private static boolean isReplaced(Graph graph, Node node) {
        return !node.op().equals("Conv") && OperatorKind.of(graph, node) == OperatorKind.WEIGHTED;
    }

    private void replace(Node node) {
        TensorValue weight = graph.initializers().get(node.input(1));
        int axis = OperatorKind.outputAxis(node);
        Encoding encoding = WeightQuantizer.encode(weight, axis, null, 1, options);
        int outputs = (int) weight.shape()[axis];
        int inputs = (int) weight.shape()[1 - axis];
        int blocks = encoding.blocks();
        int size = options.matMulBlockSize();
        int shift = encoding.format().signed() ? HALF : 0;
        int[] order = encoding.channelMajor();
        int[] zeros = new int[order.length];
        float[] scales = new float[order.length];
        Arrays.setAll(zeros, i -> encoding.zeroPoint()[order[i]] + shift);
        for (int i = 0; i < scales.length; i++) {
            scales[i] = encoding.scale()[order[i]];
        }
        int[] stored = WeightQuantizer.quantize(weight, encoding);
        int[] padded = new int[outputs * blocks * size];
        Arrays.setAll(padded, i -> zeros[i / size]);
        for (int i = 0; i < stored.length; i++) {
            int output = axis == 0 ? i / inputs : i % outputs;
            int input = axis == 0 ? i % inputs : i / outputs;
            padded[output * blocks * size + input] = stored[i] + shift;
        }
        String name = node.input(1);
        List<String> operands = new ArrayList<>();
        operands.add(node.input(0));
        operands.add(constant(name + "_nbits", packed(padded, padded.length), outputs, blocks, size / 2));
        operands.add(editor.initializer(editor.unique(name + "_scales"), TensorValue.ofFloats(scales, scales.length)));
        boolean biased = node.hasInput(2);
        if (shift == 0) {
            int rowBytes = Math.ceilDiv(blocks, 2);
            operands.add(constant(name + "_zero_points", packed(zeros, blocks), outputs * rowBytes));
        } else if (biased) {
            operands.add("");
        }
        if (biased) {
            operands.add(""); // the order of the input channels
            operands.add(node.input(2));
        }
        Node replacement = Node.of("MatMulNBits", node.name(), operands, node.outputs())
                .withDomain(DOMAIN)
                .withInteger("K", inputs)
                .withInteger("N", outputs)
                .withInteger("bits", BITS)
                .withInteger("block_size", size);
        editor.replace(node, replacement);
    }

    private String constant(String name, byte[] bytes, long... shape) {
        return editor.initializer(editor.unique(name), TensorValue.ofBytes(ElementType.UINT8, bytes, shape));
    }

    /** Two values a byte, the first in its lower half; each row begins with a byte of its own. */
    private static byte[] packed(int[] values, int row) {
        int rowBytes = Math.ceilDiv(row, 2);
        byte[] bytes = new byte[values.length / row * rowBytes];
        for (int i = 0; i < values.length; i++) {
            bytes[i / row * rowBytes + i % row / 2] |= (byte) (values[i] << 4 * (i % row % 2));
        }
        return bytes;
    }
}
