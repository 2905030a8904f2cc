package dev.limbeck.graph;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * The elements of a small tensor that shape inference could compute, row-major, as doubles.
 *
 * <p>Doubles hold the sizes and indices that shape computations work with; the "to the end" of a Slice, the largest long, comes
 * back from a double unchanged.
 */
record KnownValue(ElementType type, long[] shape, double[] values) {

    /** Larger tensors are data, not shapes, and are not followed. */
    static final int LIMIT = 1024;

    static KnownValue ofLongs(long... values) {
        return new KnownValue(
                ElementType.INT64,
                new long[] {values.length},
                Arrays.stream(values).asDoubleStream().toArray());
    }

    /** The value of a constant; empty where it is large or not a number. */
    static Optional<KnownValue> of(TensorValue tensor) {
        return switch (tensor.type()) {
            case STRING, INT4, UINT4, OTHER -> Optional.empty();
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 ->
                small(tensor).map(t -> {
                    float[] floats = t.floats();
                    double[] values = new double[floats.length];
                    Arrays.setAll(values, i -> floats[i]);
                    return new KnownValue(t.type(), t.shape(), values);
                });
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL ->
                small(tensor)
                        .map(t -> new KnownValue(
                                t.type(),
                                t.shape(),
                                Arrays.stream(t.longs()).asDoubleStream().toArray()));
        };
    }

    private static Optional<TensorValue> small(TensorValue tensor) {
        return Optional.of(tensor).filter(t -> isSmall(t.shape()));
    }

    /** Whether a tensor is followed. Empty ones count by their other dimensions, which what is computed with them goes over. */
    static boolean isSmall(long... shape) {
        long product = 1;
        for (long dimension : shape) {
            if (dimension > LIMIT) {
                return false;
            }
            product *= Math.max(1, dimension);
            if (product > LIMIT) {
                return false;
            }
        }
        return true;
    }

    long[] longs() {
        return Arrays.stream(values).mapToLong(v -> (long) v).toArray();
    }

    boolean isInteger() {
        return switch (type) {
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL -> true;
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16, STRING, INT4, UINT4, OTHER -> false;
        };
    }

    KnownValue reshaped(long... newShape) {
        return new KnownValue(type, newShape, values);
    }

    /** Element by element; integers are truncated, as ONNX's Div and Cast do. */
    KnownValue map(ElementType newType, DoubleUnaryOperator function) {
        return new KnownValue(
                        newType, shape, Arrays.stream(values).map(function).toArray())
                .rounded();
    }

    /** Element by element after broadcasting to {@code to}. */
    KnownValue combine(KnownValue other, ElementType newType, long[] to, DoubleBinaryOperator function) {
        double[] left = broadcast(to).values;
        double[] right = other.broadcast(to).values;
        double[] out = new double[left.length];
        Arrays.setAll(out, i -> function.applyAsDouble(left[i], right[i]));
        return new KnownValue(newType, to, out).rounded();
    }

    /** Repeated along dimensions of size 1 and new leading ones, until it has the given shape. */
    KnownValue broadcast(long... to) {
        if (Arrays.equals(shape, to)) {
            return this;
        }
        double[] out = new double[Math.toIntExact(TensorValue.elements(to))];
        int lead = to.length - shape.length;
        for (int i = 0; i < out.length; i++) {
            long rest = i;
            long source = 0;
            long stride = 1;
            for (int axis = to.length - 1; axis >= 0; axis--) {
                long index = rest % to[axis];
                rest /= to[axis];
                if (axis >= lead) {
                    source += (shape[axis - lead] == 1 ? 0 : index) * stride;
                    stride *= shape[axis - lead];
                }
            }
            out[i] = values[(int) source];
        }
        return new KnownValue(type, to, out);
    }

    /** With the dimensions in another order: the first is the old one of number {@code order[0]}. */
    KnownValue transposed(long... order) {
        long[] to = new long[order.length];
        long[] strides = new long[order.length];
        for (int axis = 0; axis < order.length; axis++) {
            int from = (int) order[axis];
            to[axis] = shape[from];
            strides[axis] = TensorValue.elements(Arrays.copyOfRange(shape, from + 1, shape.length));
        }
        double[] out = new double[values.length];
        for (int i = 0; i < out.length; i++) {
            long rest = i;
            long source = 0;
            for (int axis = to.length - 1; axis >= 0; axis--) {
                source += rest % to[axis] * strides[axis];
                rest /= to[axis];
            }
            out[i] = values[(int) source];
        }
        return new KnownValue(type, to, out);
    }

    /** The entries with the given indices along an axis. */
    KnownValue take(int axis, long[] indices, long[] newShape) {
        int outer = Math.toIntExact(TensorValue.elements(Arrays.copyOf(shape, axis)));
        int inner = Math.toIntExact(TensorValue.elements(Arrays.copyOfRange(shape, axis + 1, shape.length)));
        double[] out = new double[outer * indices.length * inner];
        int position = 0;
        for (int o = 0; o < outer; o++) {
            for (long index : indices) {
                int wrapped = (int) (index < 0 ? index + shape[axis] : index);
                System.arraycopy(values, (o * (int) shape[axis] + wrapped) * inner, out, position, inner);
                position += inner;
            }
        }
        return new KnownValue(type, newShape, out);
    }

    TensorValue tensor() {
        long[] longs = longs();
        return switch (type) {
            case INT64 -> TensorValue.ofLongs(longs, shape);
            case INT32 ->
                TensorValue.ofInts(Arrays.stream(longs).mapToInt(l -> (int) l).toArray(), shape);
            case BOOL, INT8, UINT8 -> {
                byte[] bytes = new byte[longs.length];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) longs[i];
                }
                yield TensorValue.ofBytes(type, bytes, shape);
            }
            case FLOAT -> {
                float[] floats = new float[values.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) values[i];
                }
                yield TensorValue.ofFloats(floats, shape);
            }
            case DOUBLE, FLOAT16, BFLOAT16, INT16, UINT16, UINT32, UINT64, STRING, INT4, UINT4, OTHER ->
                throw new IllegalStateException("no constants of type " + type + " are made");
        };
    }

    private KnownValue rounded() {
        for (int i = 0; i < values.length; i++) {
            values[i] = type == ElementType.BOOL
                    ? (values[i] == 0 ? 0 : 1)
                    : isInteger()
                            ? (values[i] < 0 ? Math.ceil(values[i]) : Math.floor(values[i]))
                            : narrowed(values[i]);
        }
        return this;
    }

    private double narrowed(double value) {
        return type == ElementType.FLOAT ? (float) value : value;
    }
}
