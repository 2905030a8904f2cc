package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * QuantizeLinear and DequantizeLinear; integers are kept as floats of integral value.
 *
 * <p>Where scales belong to blocks, each is repeated for the elements of its block.
 *
 * <p>Rounding is half to even, and its gradient that of the identity; the gradient is 0 where the value is beyond the range of
 * the integers (Jacob et al. 2018, section 3).
 */
final class QuantizationOperators {

    private QuantizationOperators() {}

    static void register(Operators table) {
        table.add("QuantizeLinear", QuantizationOperators::quantize)
                .add("DequantizeLinear", QuantizationOperators::dequantize);
    }

    /** A grid and back in one operation; the node of the context is the first of the chain. */
    static Operation fused(NodeContext c, QuantizerChain chain) {
        Grid grid = Grid.of(c);
        c.weightIfFloat(0);
        double[] range = range(c, grid);
        chain.bounds().ifPresent(b -> {
            range[0] = Math.max(range[0], b.lowest());
            range[1] = Math.min(range[1], b.highest());
        });
        FakeQuantization quantization = new FakeQuantization(grid.axis(), (long) range[0], (long) range[1]);
        return f -> {
            Tensor zeroPoint = f.has(2) ? f.in(2) : torch.zeros_like(f.in(1));
            Tensor zeros = Native.isFloat(zeroPoint) ? zeroPoint : zeroPoint.to(ScalarType.Float);
            Clipping before = f.tapped() ? Clipping.NONE : chain.before().orElse(Clipping.NONE);
            f.out(quantization.of(f.in(0), before, f.in(1), zeros, f.mode().hasGradients()));
        };
    }

    // y = saturate(round(x / scale) + zeroPoint)
    private static Operation quantize(NodeContext c) {
        c.weightIfFloat(0);
        Grid grid = Grid.of(c);
        double[] range = range(c, grid);
        double low = range[0];
        double high = range[1];
        return f -> {
            Tensor steps = f.in(0).div(grid.along(f, 1));
            if (steps.requires_grad()) {
                Tensor rounded = Rounding.straightThrough(steps);
                Tensor moved = grid.zero() ? rounded : rounded.add(grid.along(f, 2));
                f.out(torch.clamp(moved, scalar(low), scalar(high)));
                return;
            }
            // the quotient is nobody else's, and memory costs more than arithmetic here
            steps.round_();
            if (!grid.zero()) {
                steps.add_(grid.along(f, 2));
            }
            f.out(steps.clamp_(scalar(low), scalar(high)));
        };
    }

    /** The smallest and the largest integer of the type that a QuantizeLinear makes. */
    private static double[] range(NodeContext c, Grid grid) {
        ElementType type = c.initializer(2).map(TensorValue::type).orElseGet(() -> grid.defaultType(c.node()));
        return switch (type) {
            case INT4 -> new double[] {-8, 7};
            case UINT4 -> new double[] {0, 15};
            case INT8 -> new double[] {Byte.MIN_VALUE, Byte.MAX_VALUE};
            case UINT8 -> new double[] {0, 255};
            case INT16 -> new double[] {Short.MIN_VALUE, Short.MAX_VALUE};
            case UINT16 -> new double[] {0, 65_535};
            default -> throw c.refuse("integers of type " + type + " are not supported");
        };
    }

    private static ScalarOptional scalar(double value) {
        return new ScalarOptional(new Scalar(value));
    }

    // y = (x - zeroPoint) * scale
    private static Operation dequantize(NodeContext c) {
        Grid grid = Grid.of(c);
        return f -> {
            Tensor x = Native.isFloat(f.in(0)) ? f.in(0) : f.in(0).to(ScalarType.Float);
            if (grid.zero()) {
                f.out(x.mul(grid.along(f, 1)));
                return;
            }
            Tensor moved = x.sub(grid.along(f, 2));
            f.out(moved.requires_grad() ? moved.mul(grid.along(f, 1)) : moved.mul_(grid.along(f, 1)));
        };
    }

    /**
     * Scales and zero points of a node.
     *
     * @param axis along which they lie; -1 for one of each
     * @param block elements along the axis that share a scale; 0 where scales lie along one axis only
     * @param zero whether all zero points are 0
     */
    private record Grid(int axis, long block, boolean zero) {

        static Grid of(NodeContext c) {
            Node node = c.node();
            Optional<TensorValue> scale = c.initializer(1);
            c.require(scale.isPresent(), "the scale must be an initializer");
            c.require(!node.hasInput(2) || c.initializer(2).isPresent(), "the zero point must be an initializer");
            c.require(
                    scale.get().type() == ElementType.FLOAT,
                    "scales of type " + scale.get().type() + " are not supported");
            boolean zero = c.initializer(2).stream()
                    .flatMapToLong(z -> Arrays.stream(z.longs()))
                    .allMatch(z -> z == 0);
            int axis = scale.get().size() == 1 ? -1 : (int) node.integer("axis", 1);
            c.require(axis >= -1, "axes from behind are not supported");
            return new Grid(axis, node.integer("block_size", 0), zero);
        }

        ElementType defaultType(Node node) {
            int code = (int) node.integer("output_dtype", 0);
            return code == 0 ? ElementType.UINT8 : ElementType.ofCode(code);
        }

        /** An input in a shape that broadcasts against the first. */
        Tensor along(Frame f, int input) {
            Tensor value = f.in(input);
            if (axis < 0 || value.numel() == 1) {
                return value.reshape(new long[0]);
            }
            if (block > 0) {
                // the last block may be cut off
                return value.repeat_interleave(block, new LongOptional(axis), new LongOptional())
                        .narrow(axis, 0, f.in(0).size(axis));
            }
            return value.reshape(FakeQuantization.shape(f.in(0), axis, value.numel()));
        }
    }
}
