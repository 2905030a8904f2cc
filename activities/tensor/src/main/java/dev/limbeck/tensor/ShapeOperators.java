package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that change or compute shapes; computed shapes are tensors of 64-bit integers. */
final class ShapeOperators {

    private ShapeOperators() {}

    static void register(Operators table) {
        table.add("Flatten", ShapeOperators::flatten)
                .add("Reshape", ShapeOperators::reshape)
                .add("Transpose", ShapeOperators::transpose)
                .add("Squeeze", ShapeOperators::squeeze)
                .add("Unsqueeze", ShapeOperators::unsqueeze)
                .add("Expand", ShapeOperators::expand)
                .add("Shape", ShapeOperators::shape)
                .add("ConstantOfShape", ShapeOperators::constantOfShape)
                .add("Cast", ShapeOperators::cast)
                .add("Tile", ShapeOperators::tile)
                .add("Size", c -> f -> f.out(Native.longs(new long[] {f.in(0).numel()})))
                .add("Range", c -> f -> f.out(range(f.in(0), f.in(1), f.in(2))))
                .add("Constant", ShapeOperators::constant)
                .add("DepthToSpace", ShapeOperators::depthToSpace)
                .add("SpaceToDepth", ShapeOperators::spaceToDepth);
    }

    private static Operation flatten(NodeContext c) {
        int axis = (int) c.node().integer("axis", 1);
        return f -> f.out(flatten(f.in(0), axis));
    }

    /** @return [product of the dimensions before the axis, product of the others] */
    static Tensor flatten(Tensor x, int axis) {
        long[] shape = Native.shape(x);
        int at = axis < 0 ? axis + shape.length : axis;
        long[] flat = {1, 1};
        for (int i = 0; i < shape.length; i++) {
            flat[i < at ? 0 : 1] *= shape[i];
        }
        return x.reshape(flat);
    }

    private static Operation reshape(NodeContext c) {
        boolean copies = c.node().integer("allowzero", 0) == 0;
        NodeContext.Longs shape = c.longs("shape", 1);
        c.require(shape != null, "the shape is missing");
        c.biasIfVector(0);
        return f -> {
            long[] wanted = shape.of(f).clone();
            for (int i = 0; copies && i < wanted.length; i++) {
                // 0 copies the dimension of the input
                wanted[i] = wanted[i] == 0 ? f.in(0).size(i) : wanted[i];
            }
            f.out(f.in(0).reshape(wanted));
        };
    }

    private static Operation transpose(NodeContext c) {
        c.weightIfFloat(0);
        long[] order = c.node().attribute("perm").isPresent() ? c.node().integers("perm") : null;
        return f -> f.out(f.in(0).permute(order == null ? reversed(f.in(0)) : order));
    }

    private static long[] reversed(Tensor x) {
        long[] order = new long[(int) x.dim()];
        for (int i = 0; i < order.length; i++) {
            order[i] = order.length - 1 - i;
        }
        return order;
    }

    private static Operation squeeze(NodeContext c) {
        NodeContext.Longs axes = c.longs("axes", 1);
        return f -> f.out(axes == null ? torch.squeeze(f.in(0)) : torch.squeeze(f.in(0), axes.of(f)));
    }

    // The axes count in the output, so they are put in from the first to the last.
    private static Operation unsqueeze(NodeContext c) {
        NodeContext.Longs given = c.longs("axes", 1);
        c.require(given != null, "the axes are missing");
        return f -> {
            long[] axes = given.of(f);
            long rank = f.in(0).dim() + axes.length;
            long[] sorted =
                    Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray();
            Tensor x = f.in(0);
            for (long axis : sorted) {
                x = torch.unsqueeze(x, axis);
            }
            f.out(x);
        };
    }

    private static Operation expand(NodeContext c) {
        c.biasIfVector(0);
        NodeContext.Longs target = c.longs("shape", 1);
        return f -> {
            long[] from = Native.shape(f.in(0));
            long[] to = target.of(f);
            long[] shape = new long[Math.max(from.length, to.length)];
            for (int i = 1; i <= shape.length; i++) {
                long a = i <= from.length ? from[from.length - i] : 1;
                long b = i <= to.length ? to[to.length - i] : 1;
                shape[shape.length - i] = Math.max(a, b);
            }
            f.out(f.in(0).expand(shape));
        };
    }

    private static Operation shape(NodeContext c) {
        int start = (int) c.node().integer("start", 0);
        int end = (int) c.node().integer("end", Integer.MAX_VALUE);
        return f -> {
            long[] shape = Native.shape(f.in(0));
            int from = Math.clamp(start < 0 ? start + shape.length : start, 0, shape.length);
            int to = Math.clamp(end < 0 ? end + shape.length : end, from, shape.length);
            f.out(Native.longs(Arrays.copyOfRange(shape, from, to), to - from));
        };
    }

    private static Operation constantOfShape(NodeContext c) {
        TensorValue value = c.node().tensor("value").orElseGet(() -> TensorValue.ofFloats(new float[1], 1));
        c.require(
                Set.of(ElementType.FLOAT, ElementType.INT64, ElementType.INT32, ElementType.BOOL)
                        .contains(value.type()),
                "values of type " + value.type() + " are not supported");
        NodeContext.Longs shape = c.longs("", 0);
        return f -> f.out(Native.of(value).reshape().expand(shape.of(f)).clone());
    }

    private static Operation tile(NodeContext c) {
        NodeContext.Longs repeats = c.longs("", 1);
        return f -> f.out(torch.tile(f.in(0), repeats.of(f)));
    }

    private static Tensor range(Tensor start, Tensor limit, Tensor delta) {
        if (!Native.isFloat(start)) {
            long from = Native.toLongs(start)[0];
            long step = Native.toLongs(delta)[0];
            long[] values = new long[count(from, Native.toLongs(limit)[0], step)];
            Arrays.setAll(values, i -> from + i * step);
            return Native.longs(values, values.length);
        }
        float from = start.item_float();
        float step = delta.item_float();
        float[] values = new float[count(from, limit.item_float(), step)];
        for (int i = 0; i < values.length; i++) {
            values[i] = from + i * step;
        }
        return Native.like(Native.floats(values, values.length), start);
    }

    private static int count(double from, double to, double step) {
        return (int) Math.max(0, Math.ceil((to - from) / step));
    }

    // Constants that hold numbers have become initializers before.
    private static Operation constant(NodeContext c) {
        throw c.refuse("only tensors of numbers are supported");
    }

    private static Operation cast(NodeContext c) {
        ElementType type = ElementType.ofCode((int) c.node().integer("to", 0));
        if (type == ElementType.FLOAT16) {
            return f -> f.out(Rounding.toHalf(Native.as(ElementType.FLOAT, f.in(0))));
        }
        ScalarType target =
                switch (type) {
                    case FLOAT -> ScalarType.Float;
                    case INT64, INT32 -> ScalarType.Long;
                    case BOOL -> ScalarType.Bool;
                    default -> throw c.refuse("a cast to " + type + " is not supported");
                };
        return f -> f.out(new Tensor(f.in(0).to(target)));
    }

    // DCR (ONNX's default): channels are [block, block, c]; CRD: [c, block, block].
    private static Operation depthToSpace(NodeContext c) {
        long block = c.node().integer("blocksize", 1);
        boolean columnRowDepth = c.node().text("mode", "DCR").equals("CRD");
        return f -> {
            long[] s = Native.shape(f.in(0));
            long channels = s[1] / (block * block);
            Tensor x = columnRowDepth
                    ? f.in(0).reshape(s[0], channels, block, block, s[2], s[3]).permute(0, 1, 4, 2, 5, 3)
                    : f.in(0).reshape(s[0], block, block, channels, s[2], s[3]).permute(0, 3, 4, 1, 5, 2);
            f.out(x.reshape(s[0], channels, s[2] * block, s[3] * block));
        };
    }

    private static Operation spaceToDepth(NodeContext c) {
        long block = c.node().integer("blocksize", 1);
        return f -> {
            long[] s = Native.shape(f.in(0));
            Tensor x = f.in(0).reshape(s[0], s[1], s[2] / block, block, s[3] / block, block);
            f.out(x.permute(0, 3, 5, 1, 2, 4).reshape(s[0], s[1] * block * block, s[2] / block, s[3] / block));
        };
    }
}
