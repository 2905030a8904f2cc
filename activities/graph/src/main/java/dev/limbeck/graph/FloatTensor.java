package dev.limbeck.graph;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * A dense array of floats with its shape, row-major: what goes into and comes out of a running network.
 *
 * <p>The array is not copied; whoever hands it over no longer writes to it.
 */
public record FloatTensor(float[] data, long... shape) {

    public FloatTensor {
        requireNonNull(data, "data is null");
        if (TensorValue.elements(shape) != data.length) {
            throw new IllegalArgumentException(
                    data.length + " elements do not fill the shape " + Arrays.toString(shape));
        }
    }

    /** The first dimension. */
    public int batch() {
        return Math.toIntExact(shape[0]);
    }

    /** Elements of one item of the batch. */
    public int itemSize() {
        return shape[0] == 0 ? 0 : data.length / batch();
    }

    /** Items {@code from} (inclusive) to {@code to} (exclusive) of the batch, copied. */
    public FloatTensor slice(int from, int to) {
        int item = itemSize();
        long[] sliced = shape.clone();
        sliced[0] = to - from;
        return new FloatTensor(Arrays.copyOfRange(data, from * item, to * item), sliced);
    }
}
