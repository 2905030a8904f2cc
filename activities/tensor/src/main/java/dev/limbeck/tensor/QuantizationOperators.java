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

    // y = saturate(round(x / scale) + zeroPoint)
    private static Operation quantize(NodeContext c) {
        Node node = c.node();
        c.weightIfFloat(0);
        Grid grid = Grid.of(c);
        ElementType type = c.initializer(2).map(TensorValue::type).orElseGet(() -> grid.defaultType(node));
        double low =
                switch (type) {
                    case INT4 -> -8;
                    case INT8 -> Byte.MIN_VALUE;
                    case INT16 -> Short.MIN_VALUE;
                    case UINT4, UINT8, UINT16 -> 0;
                    default -> throw c.refuse("integers of type " + type + " are not supported");
                };
        double high =
                switch (type) {
                    case INT4 -> 7;
                    case UINT4 -> 15;
                    case INT8 -> Byte.MAX_VALUE;
                    case INT16 -> Short.MAX_VALUE;
                    case UINT8 -> 255;
                    default -> 65535;
                };
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
            long[] shape = new long[(int) f.in(0).dim()];
            Arrays.fill(shape, 1);
            shape[axis] = value.numel();
            return value.reshape(shape);
        }
    }
}
