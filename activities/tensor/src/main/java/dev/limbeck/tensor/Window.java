package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * The sliding window of a convolution or pooling along every spatial axis.
 *
 * @param given pads as ONNX writes them: before each axis, then behind each
 */
record Window(long[] kernel, long[] strides, long[] dilations, long[] given, String autoPad) {

    static Window of(NodeContext c, long[] kernel) {
        Window window = of(c.node(), kernel);
        int axes = kernel.length;
        c.require(
                window.strides.length == axes && window.dilations.length == axes && window.given.length == 2 * axes,
                "strides, dilations and pads do not fit the " + axes + " axes of the kernel");
        return window;
    }

    static Window of(Node node, long[] kernel) {
        return new Window(
                kernel,
                node.integers("strides", filled(kernel.length, 1)),
                node.integers("dilations", filled(kernel.length, 1)),
                node.integers("pads", new long[2 * kernel.length]),
                node.text("auto_pad", "NOTSET"));
    }

    static long[] filled(int count, long value) {
        long[] filled = new long[count];
        Arrays.fill(filled, value);
        return filled;
    }

    int axes() {
        return kernel.length;
    }

    boolean automatic() {
        return autoPad.startsWith("SAME");
    }

    boolean dilated() {
        return Arrays.stream(dilations).anyMatch(d -> d != 1);
    }

    /** How many elements the window spans along an axis. */
    long extent(int axis) {
        return (kernel[axis] - 1) * dilations[axis] + 1;
    }

    /** @return pads before each axis, then behind each; for SAME_UPPER and SAME_LOWER so that the output is ceil(input / stride) */
    long[] pads(Tensor x) {
        if (autoPad.equals("VALID")) {
            return new long[2 * axes()];
        }
        if (!automatic()) {
            return given;
        }
        long[] total = new long[axes()];
        for (int i = 0; i < total.length; i++) {
            long size = x.size(2 + i);
            long out = (size + strides[i] - 1) / strides[i];
            total[i] = Math.max(0, (out - 1) * strides[i] + extent(i) - size);
        }
        return distributed(total, autoPad.equals("SAME_UPPER"));
    }

    /** Half before and half behind each axis; what is odd goes behind, or before. */
    static long[] distributed(long[] total, boolean oddBehind) {
        long[] pads = new long[2 * total.length];
        for (int i = 0; i < total.length; i++) {
            long less = total[i] / 2;
            pads[i] = oddBehind ? less : total[i] - less;
            pads[i + total.length] = total[i] - pads[i];
        }
        return pads;
    }

    /**
     * Pads behind each axis that let the last window end where the padded input does.
     *
     * @param ceil whether a window that begins within the input, but ends behind it, counts
     */
    long[] complete(Tensor x, long[] pads, boolean ceil) {
        long[] complete = pads.clone();
        for (int i = 0; i < axes(); i++) {
            long begun = x.size(2 + i) + pads[i];
            long room = begun + pads[i + axes()] - extent(i);
            long last = room / strides[i];
            if (ceil) {
                last = Math.ceilDiv(room, strides[i]);
                last -= last * strides[i] >= begun ? 1 : 0;
            }
            complete[i + axes()] = last * strides[i] + extent(i) - begun;
        }
        return complete;
    }

    static boolean symmetric(long[] pads) {
        int axes = pads.length / 2;
        return Arrays.equals(pads, 0, axes, pads, axes, 2 * axes);
    }

    /** The pads before each axis. */
    static long[] before(long[] pads) {
        return Arrays.copyOf(pads, pads.length / 2);
    }

    /** libtorch wants the last dimension first, its begin and then its end. */
    static long[] torchPads(long[] pads) {
        int axes = pads.length / 2;
        long[] reversed = new long[pads.length];
        for (int i = 0; i < axes; i++) {
            reversed[2 * i] = pads[axes - 1 - i];
            reversed[2 * i + 1] = pads[2 * axes - 1 - i];
        }
        return reversed;
    }
}
