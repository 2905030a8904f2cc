package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pooling over height and width. */
final class PoolingOperators {

    private PoolingOperators() {}

    static void register(Operators table) {
        table.add("GlobalAveragePool", c -> f -> f.out(torch.adaptive_avg_pool2d(image(f), 1, 1)))
                .add("GlobalMaxPool", c -> f -> f.out(torch.amax(image(f), new long[] {2, 3}, true)))
                .add("AveragePool", PoolingOperators::average)
                .add("MaxPool", PoolingOperators::max);
    }

    private static Tensor image(Frame f) {
        if (f.in(0).dim() != 4) {
            throw new IllegalArgumentException(
                    "pooling needs [n, c, h, w], not " + f.in(0).dim() + " dimensions");
        }
        return f.in(0);
    }

    private static Window window(NodeContext c) {
        long[] kernel = c.node().integers("kernel_shape");
        c.require(kernel.length == 2, "only pooling over two dimensions is supported, not " + kernel.length);
        return Window.of(c, kernel);
    }

    private static Operation average(NodeContext c) {
        Node node = c.node();
        Window window = window(c);
        boolean countPadding = node.integer("count_include_pad", 0) == 1;
        boolean ceil = node.integer("ceil_mode", 0) == 1;
        c.require(!window.automatic(), "auto_pad is not supported; give pads");
        c.require(window.dilations()[0] == 1 && window.dilations()[1] == 1, "dilations are not supported");
        long[] pads = window.pads(null);
        c.require(Window.symmetric(pads), "asymmetric pads are not supported");
        c.require(!ceil || !countPadding, "ceil_mode together with count_include_pad is not supported");
        long[] half = {pads[0], pads[1]};
        return f -> f.out(torch.avg_pool2d(
                image(f), window.kernel(), window.strides(), half, ceil, countPadding, new LongOptional()));
    }

    private static Operation max(NodeContext c) {
        Node node = c.node();
        Window window = window(c);
        c.require(node.output(1).isEmpty(), "the output Indices is not supported");
        c.require(node.integer("storage_order", 0) == 0, "storage_order 1 is not supported");
        boolean ceil = node.integer("ceil_mode", 0) == 1;
        return f -> {
            Tensor x = image(f);
            long[] pads = window.pads(x);
            if (!Window.symmetric(pads)) {
                x = torch.constant_pad_nd(x, Window.torchPads(pads), new Scalar(Double.NEGATIVE_INFINITY));
                pads = new long[4];
            }
            long[] half = {pads[0], pads[1]};
            f.out(torch.max_pool2d(x, window.kernel(), window.strides(), half, window.dilations(), ceil));
        };
    }
}
