package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Adds the nodes that take tensors to a grid and back.
 *
 * <p>A grid that ONNX has no type for is held in a wider one, with a Clip to the grid's ends before: so every runtime computes
 * exactly the grid, and a value beyond it has no gradient.
 */
final class QdqNodes {

    /** Blocks came with this operator set. */
    private static final int BLOCK_OPSET = 21;

    /** Metadata: the bits of a weight whose type has more, by the weight's name. */
    static final String BITS = "limbeck.bits.";

    /** Name of a Clip to the ends of a grid. */
    static final String CLIP_SUFFIX = "_grid";

    private final GraphEditor editor;
    private final boolean signed;

    /** @param signed whether activations are stored with a sign */
    QdqNodes(GraphEditor editor, boolean signed) {
        this.editor = editor;
        this.signed = signed;
    }

    /** The type in which an activation is stored. */
    StorageType storage(Encoding encoding) {
        return StorageType.ofActivation(encoding.format(), signed);
    }

    /** The initializer that holds the stored numbers of a constant. */
    static String stored(String constant) {
        return constant + "_quantized";
    }

    /** @return the tensor of stored numbers */
    String quantize(String tensor, String name, Encoding encoding) {
        StorageType storage = storage(encoding);
        String output = editor.unique(name + "_quantized");
        if (storage.type() == ElementType.FLOAT16) {
            return cast(tensor, output, ElementType.FLOAT16);
        }
        editor.requireOpset(storage.opset());
        String clipped = tensor;
        if (storage.exceeds(encoding.format())) {
            String node = editor.unique(name + CLIP_SUFFIX);
            clipped = editor.add(Node.of(
                    "Clip",
                    node,
                    List.of(tensor, bound(node + "_min", encoding.min(0)), bound(node + "_max", encoding.max(0))),
                    List.of(node)));
        }
        String scale = scale(output, encoding.scale());
        String zeroPoint = zeroPoint(output, encoding, storage);
        return editor.add(Node.of("QuantizeLinear", output, List.of(clipped, scale, zeroPoint), List.of(output)));
    }

    private String bound(String name, double value) {
        return editor.initializer(editor.unique(name), TensorValue.scalar((float) value));
    }

    private String cast(String tensor, String output, ElementType type) {
        String node = editor.unique(output + "_cast");
        return editor.add(
                Node.of("Cast", node, List.of(tensor), List.of(output)).withInteger("to", type.code()));
    }

    /** @return {@code output} */
    String dequantize(String stored, String name, Encoding encoding, String output) {
        StorageType storage = storage(encoding);
        if (storage.type() == ElementType.FLOAT16) {
            return cast(stored, output, ElementType.FLOAT);
        }
        String node = editor.unique(name + "_dequantize");
        String scale = scale(node, encoding.scale());
        String zeroPoint = zeroPoint(node, encoding, storage);
        return editor.add(Node.of("DequantizeLinear", node, List.of(stored, scale, zeroPoint), List.of(output)));
    }

    /** Adds a constant in stored numbers and the node that dequantizes it; @return what that makes */
    String constant(String name, TensorValue value, Encoding encoding, StorageType storage) {
        boolean halves = storage.type() == ElementType.FLOAT16;
        TensorValue stored = halves
                ? TensorValue.ofHalfFloats(value.floats(), value.shape())
                : TensorValue.ofIntegers(
                        storage.type(),
                        shifted(WeightQuantizer.quantize(value, encoding), storage.shift()),
                        value.shape());
        String initializer = editor.initializer(editor.unique(stored(name)), stored);
        String output = editor.unique(name + "_dequantized");
        if (storage.exceeds(encoding.format()) && !halves) {
            editor.metadata(Map.of(BITS + name, Integer.toString(encoding.bits())));
        }
        if (halves) {
            return cast(initializer, output, ElementType.FLOAT);
        }
        editor.requireOpset(storage.opset());
        String node = editor.unique(name + "_dequantize");
        if (!encoding.blockwise()) {
            String scale = scale(node, encoding.scale(), shape(encoding));
            String zeroPoint = zeroPoint(node, encoding, storage);
            return dequantizeConstant(node, List.of(initializer, scale, zeroPoint), encoding.axis(), output);
        }
        editor.requireOpset(BLOCK_OPSET);
        Blocks blocks = Blocks.of(value.shape(), encoding);
        String scale = scale(node, blocks.spread(encoding.scale()), blocks.shape());
        int[] zeros = blocks.spread(shifted(encoding.zeroPoint(), storage.shift()));
        String zeroPoint = editor.initializer(
                editor.unique(node + "_zero_point"), TensorValue.ofIntegers(storage.type(), zeros, blocks.shape()));
        Node dequantize = Node.of("DequantizeLinear", node, List.of(initializer, scale, zeroPoint), List.of(output))
                .withInteger("axis", encoding.blockAxis())
                .withInteger("block_size", encoding.blockSize());
        return editor.add(dequantize);
    }

    /** Adds a bias in units of its accumulators' scales; @return what its dequantizing node makes */
    String bias(String name, float[] bias, float[] scale, boolean perChannel) {
        TensorValue stored = WeightQuantizer.quantizeBias(bias, scale);
        String initializer = editor.initializer(editor.unique(stored(name)), stored);
        String output = editor.unique(name + "_dequantized");
        String node = editor.unique(name + "_dequantize");
        long[] shape = perChannel ? new long[] {scale.length} : new long[0];
        int axis = perChannel ? 0 : Encoding.PER_TENSOR;
        // int32 has no zero point in ONNX
        return dequantizeConstant(node, List.of(initializer, scale(node, scale, shape)), axis, output);
    }

    private String dequantizeConstant(String name, List<String> inputs, int axis, String output) {
        Node node = Node.of("DequantizeLinear", name, inputs, List.of(output));
        return editor.add(axis == Encoding.PER_TENSOR ? node : node.withInteger("axis", axis));
    }

    private static long[] shape(Encoding encoding) {
        return encoding.perChannel() ? new long[] {encoding.scale().length} : new long[0];
    }

    private String scale(String name, float[] scale, long... shape) {
        return editor.initializer(editor.unique(name + "_scale"), TensorValue.ofFloats(scale, shape));
    }

    private static int[] shifted(int[] integers, int shift) {
        return Arrays.stream(integers).map(i -> i + shift).toArray();
    }

    private String zeroPoint(String name, Encoding encoding, StorageType storage) {
        int[] stored = shifted(encoding.zeroPoint(), storage.shift());
        return editor.initializer(
                editor.unique(name + "_zero_point"), TensorValue.ofIntegers(storage.type(), stored, shape(encoding)));
    }

    /**
     * The form in which ONNX wants the scales of blocks: one for each kernel position as well.
     *
     * @param shape of the weight with blocks in place of input channels
     * @param positions of the kernel
     */
    private record Blocks(long[] shape, int positions) {

        static Blocks of(long[] weightShape, Encoding encoding) {
            long[] shape = weightShape.clone();
            int axis = encoding.blockAxis();
            shape[axis] = Math.ceilDiv(shape[axis], encoding.blockSize());
            int positions = Math.toIntExact(TensorValue.elements(Arrays.copyOfRange(shape, 2, shape.length)));
            return new Blocks(shape, positions);
        }

        float[] spread(float[] values) {
            float[] spread = new float[values.length * positions];
            for (int i = 0; i < spread.length; i++) {
                spread[i] = values[i / positions];
            }
            return spread;
        }

        int[] spread(int[] values) {
            int[] spread = new int[values.length * positions];
            Arrays.setAll(spread, i -> values[i / positions]);
            return spread;
        }
    }
}
