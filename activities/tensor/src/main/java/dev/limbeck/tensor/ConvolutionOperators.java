package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Conv and ConvTranspose along one, two or three axes. */
final class ConvolutionOperators {

    private ConvolutionOperators() {}

    static void register(Operators table) {
        table.add("Conv", ConvolutionOperators::conv).add("ConvTranspose", ConvolutionOperators::convTranspose);
    }

    // input: [n, in, sizes...]; weight: [out, in/groups, kernel...]; bias: [out]
    private static Operation conv(NodeContext c) {
        Node node = c.node();
        c.weight(1);
        c.bias(2);
        Window known = window(c);
        long groups = node.integer("group", 1);
        return f -> {
            Window window = known == null ? Window.of(node, kernel(Native.shape(f.in(1)))) : known;
            Tensor x = f.in(0);
            long[] pads = window.pads(x);
            if (!Window.symmetric(pads)) {
                x = torch.constant_pad_nd(x, Window.torchPads(pads), new Scalar(0f));
                pads = new long[pads.length];
            }
            f.out(torch.convolution(
                    x,
                    f.in(1),
                    f.optional(2),
                    window.strides(),
                    Window.before(pads),
                    window.dilations(),
                    false,
                    new long[window.axes()],
                    groups));
        };
    }

    // weight: [in, out/groups, kernel...]
    private static Operation convTranspose(NodeContext c) {
        Node node = c.node();
        c.weight(1);
        c.bias(2);
        Window known = window(c);
        long groups = node.integer("group", 1);
        return f -> {
            Window window = known == null ? Window.of(node, kernel(Native.shape(f.in(1)))) : known;
            int axes = window.axes();
            long[] extra = node.integers("output_padding", new long[axes]).clone();
            long[] pads = transposedPads(node, window, f.in(0), extra);
            // libtorch cuts the same from both ends; the rest is cut afterwards.
            long[] both = new long[axes];
            Arrays.setAll(both, i -> Math.min(pads[i], pads[i + axes]));
            Tensor y = torch.convolution(
                    f.in(0), f.in(1), f.optional(2), window.strides(), both, window.dilations(), true, extra, groups);
            for (int i = 0; i < axes; i++) {
                long begin = pads[i] - both[i];
                long end = pads[i + axes] - both[i];
                if (begin + end > 0) {
                    y = torch.narrow(y, 2 + i, begin, y.size(2 + i) - begin - end);
                }
            }
            f.out(y);
        };
    }

    /**
     * What is cut from the full output, before each axis and behind it, so that it has the wanted size.
     *
     * @param extra is enlarged where the full output is smaller than wanted
     */
    private static long[] transposedPads(Node node, Window window, Tensor x, long[] extra) {
        long[] wanted = node.integers("output_shape");
        int axes = window.axes();
        if (wanted.length == 0 && !window.automatic()) {
            return window.pads(x);
        }
        long[] total = new long[axes];
        for (int i = 0; i < axes; i++) {
            long in = x.size(2 + i);
            long full = window.strides()[i] * (in - 1) + extra[i] + window.extent(i);
            long size = wanted.length > 0 ? wanted[wanted.length - axes + i] : Math.min(full, in * window.strides()[i]);
            extra[i] += Math.max(0, size - full);
            total[i] = Math.max(0, full - size);
        }
        return Window.distributed(total, window.autoPad().equals("SAME_UPPER"));
    }

    /** @return null where the weight is computed, by DequantizeLinear mostly */
    private static Window window(NodeContext c) {
        long[] kernel = c.initializer(1).map(w -> kernel(w.shape())).orElseGet(() -> c.node()
                .integers("kernel_shape"));
        if (kernel.length == 0 && c.initializer(1).isEmpty()) {
            return null;
        }
        c.require(
                kernel.length >= 1 && kernel.length <= 3,
                "only convolutions along one to three axes are supported, not " + kernel.length);
        return Window.of(c, kernel);
    }

    private static long[] kernel(long[] weight) {
        return Arrays.copyOfRange(weight, Math.min(2, weight.length), weight.length);
    }
}
