package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Pooling along one, two or three axes, and over all of them. */
final class PoolingOperators {

    private PoolingOperators() {}

    static void register(Operators table) {
        table.add("GlobalAveragePool", c -> f -> f.out(ReductionOperators.mean(f.in(0), spatial(f.in(0)), true)))
                .add("GlobalMaxPool", c -> f -> f.out(torch.amax(f.in(0), spatial(f.in(0)), true)))
                .add("GlobalLpPool", PoolingOperators::globalLp)
                .add("AveragePool", PoolingOperators::average)
                .add("MaxPool", PoolingOperators::max);
    }

    private static long[] spatial(Tensor x) {
        long[] axes = new long[(int) x.dim() - 2];
        Arrays.setAll(axes, i -> i + 2);
        return axes;
    }

    // (sum |x|^p)^(1/p)
    private static Operation globalLp(NodeContext c) {
        double p = c.node().integer("p", 2);
        return f -> {
            Tensor powers = torch.pow(torch.abs(f.in(0)), new Scalar(p));
            Tensor sum = torch.sum(powers, spatial(f.in(0)), true, new ScalarTypeOptional());
            f.out(torch.pow(sum, new Scalar(1 / p)));
        };
    }

    private static Window window(NodeContext c) {
        long[] kernel = c.node().integers("kernel_shape");
        c.require(
                kernel.length >= 1 && kernel.length <= 3,
                "only pooling along one to three axes is supported, not " + kernel.length);
        return Window.of(c, kernel);
    }

    /** Whether libtorch can pad: the same on both sides, and not more than half the window. */
    private static boolean paddable(Window window, long[] pads) {
        boolean paddable = Window.symmetric(pads);
        for (int i = 0; i < window.axes(); i++) {
            paddable &= 2 * pads[i] <= window.kernel()[i];
        }
        return paddable;
    }

    private static Operation average(NodeContext c) {
        Node node = c.node();
        Window window = window(c);
        boolean countPadding = node.integer("count_include_pad", 0) == 1;
        boolean ceil = node.integer("ceil_mode", 0) == 1;
        boolean plain = window.axes() == 2 && !window.dilated() && !(ceil && countPadding);
        return f -> {
            Tensor x = f.in(0);
            long[] pads = window.pads(x);
            if (plain && paddable(window, pads)) {
                f.out(torch.avg_pool2d(
                        x,
                        window.kernel(),
                        window.strides(),
                        Window.before(pads),
                        ceil,
                        countPadding,
                        new LongOptional()));
                return;
            }
            long[] complete = window.complete(x, pads, ceil);
            long[] shape = Native.shape(x);
            long[] single = shape.clone();
            single[0] = 1;
            single[1] = 1;
            // Padding may count; what the last window reaches over never does.
            long[] over = complete.clone();
            Tensor counted = Native.like(torch.ones(single), x);
            if (countPadding) {
                counted = torch.constant_pad_nd(counted, Window.torchPads(pads), new Scalar(1f));
                Arrays.setAll(over, i -> complete[i] - pads[i]);
            }
            single[0] = shape[0] * shape[1];
            Tensor sums = sums(window, x.reshape(single), complete);
            shape = Native.shape(sums);
            shape[0] = x.size(0);
            shape[1] = x.size(1);
            f.out(sums.div(sums(window, counted, over)).reshape(shape));
        };
    }

    /** The sum over each window: a convolution with ones. */
    private static Tensor sums(Window window, Tensor x, long[] pads) {
        long[] shape = new long[window.axes() + 2];
        Arrays.setAll(shape, i -> i < 2 ? 1 : window.kernel()[i - 2]);
        return torch.convolution(
                torch.constant_pad_nd(x, Window.torchPads(pads), new Scalar(0f)),
                Native.like(torch.ones(shape), x),
                new TensorOptional(),
                window.strides(),
                new long[window.axes()],
                window.dilations(),
                false,
                new long[window.axes()],
                1);
    }

    private static Operation max(NodeContext c) {
        Node node = c.node();
        Window window = window(c);
        c.require(node.output(1).isEmpty(), "the output Indices is not supported");
        c.require(node.integer("storage_order", 0) == 0, "storage_order 1 is not supported");
        boolean ceil = node.integer("ceil_mode", 0) == 1;
        return f -> {
            Tensor x = f.in(0);
            long[] pads = window.pads(x);
            if (paddable(window, pads)) {
                f.out(max(window, x, Window.before(pads), ceil));
                return;
            }
            long[] complete = Window.torchPads(window.complete(x, pads, ceil));
            Tensor padded = torch.constant_pad_nd(x, complete, new Scalar(Double.NEGATIVE_INFINITY));
            f.out(max(window, padded, new long[window.axes()], false));
        };
    }

    private static Tensor max(Window window, Tensor x, long[] pads, boolean ceil) {
        long[] kernel = window.kernel();
        long[] strides = window.strides();
        return switch (kernel.length) {
            case 1 -> torch.max_pool1d(x, kernel, strides, pads, window.dilations(), ceil);
            case 2 -> torch.max_pool2d(x, kernel, strides, pads, window.dilations(), ceil);
            default -> torch.max_pool3d(x, kernel, strides, pads, window.dilations(), ceil);
        };
    }
}
