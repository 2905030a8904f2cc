package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Conv and ConvTranspose over images. */
final class ConvolutionOperators {

    private ConvolutionOperators() {}

    static void register(Operators table) {
        table.add("Conv", ConvolutionOperators::conv).add("ConvTranspose", ConvolutionOperators::convTranspose);
    }

    // input: [n, in, h, w]; weight: [out, in/groups, kh, kw]; bias: [out]
    private static Operation conv(NodeContext c) {
        Node node = c.node();
        c.weight(1);
        c.bias(2);
        Window window = Window.of(c, kernel(c));
        long groups = node.integer("group", 1);
        long[] strides = window.strides();
        long[] dilations = window.dilations();
        return f -> {
            Tensor x = f.in(0);
            long[] pads = window.orKernelOf(f.in(1)).pads(x);
            if (!Window.symmetric(pads)) {
                x = torch.constant_pad_nd(x, Window.torchPads(pads), new Scalar(0f));
                pads = new long[4];
            }
            f.out(torch.conv2d(x, f.in(1), f.optional(2), strides, new long[] {pads[0], pads[1]}, dilations, groups));
        };
    }

    // weight: [in, out/groups, kh, kw]
    private static Operation convTranspose(NodeContext c) {
        Node node = c.node();
        c.weight(1);
        c.bias(2);
        Window window = Window.of(c, kernel(c));
        c.require(!window.automatic(), "auto_pad is not supported; give pads");
        c.require(node.attribute("output_shape").isEmpty(), "output_shape is not supported; give pads");
        long[] pads = window.pads(null);
        c.require(Window.symmetric(pads), "asymmetric pads " + Arrays.toString(pads) + " are not supported");
        long[] extra = node.integers("output_padding", 0, 0);
        long groups = node.integer("group", 1);
        long[] half = {pads[0], pads[1]};
        return f -> f.out(torch.conv_transpose2d(
                f.in(0), f.in(1), f.optional(2), window.strides(), half, extra, groups, window.dilations()));
    }

    /** @return empty where the weight is computed, by DequantizeLinear mostly */
    private static long[] kernel(NodeContext c) {
        long[] kernel = c.initializer(1)
                .map(w -> Arrays.copyOfRange(w.shape(), Math.min(2, w.shape().length), w.shape().length))
                .orElseGet(() -> c.node().integers("kernel_shape"));
        boolean computed = kernel.length == 0 && c.initializer(1).isEmpty();
        c.require(
                kernel.length == 2 || computed,
                "only convolutions over two dimensions are supported, not " + kernel.length);
        return kernel;
    }
}
