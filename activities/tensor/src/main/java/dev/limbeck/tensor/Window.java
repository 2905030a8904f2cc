package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import org.bytedeco.pytorch.Tensor;

/** The sliding window of a convolution or pooling over height and width. */
record Window(long[] kernel, long[] strides, long[] dilations, long[] given, String autoPad) {

    static Window of(NodeContext c, long[] kernel) {
        Node node = c.node();
        String autoPad = node.text("auto_pad", "NOTSET");
        return new Window(
                kernel,
                node.integers("strides", 1, 1),
                node.integers("dilations", 1, 1),
                node.integers("pads", 0, 0, 0, 0),
                autoPad);
    }

    /** This window, with the kernel's size taken from a weight [out, in, h, w] where it was not known before. */
    Window orKernelOf(Tensor weight) {
        if (kernel.length > 0 || !automatic()) {
            return this;
        }
        return new Window(new long[] {weight.size(2), weight.size(3)}, strides, dilations, given, autoPad);
    }

    boolean automatic() {
        return autoPad.startsWith("SAME");
    }

    /** @return top, left, bottom, right; for SAME_UPPER and SAME_LOWER so that the output is ceil(input / stride) */
    long[] pads(Tensor x) {
        if (autoPad.equals("VALID")) {
            return new long[4];
        }
        if (!automatic()) {
            return given;
        }
        long[] pads = new long[4];
        for (int i = 0; i < 2; i++) {
            long size = x.size(2 + i);
            long out = (size + strides[i] - 1) / strides[i];
            long total = Math.max(0, (out - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - size);
            long less = total / 2;
            pads[i] = autoPad.equals("SAME_UPPER") ? less : total - less;
            pads[i + 2] = total - pads[i];
        }
        return pads;
    }

    static boolean symmetric(long[] pads) {
        return pads[0] == pads[2] && pads[1] == pads[3];
    }

    /** libtorch wants the last dimension first: left, right, top, bottom. */
    static long[] torchPads(long[] pads) {
        return new long[] {pads[1], pads[3], pads[0], pads[2]};
    }
}
