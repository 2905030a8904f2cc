package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import org.bytedeco.pytorch.Tensor;

/** Operators that only change the shape of one tensor. */
final class ShapeOperators {

    private ShapeOperators() {}

    static void register(Operators table) {
        table.add("Flatten", ShapeOperators::flatten)
                .add("Reshape", ShapeOperators::reshape)
                .add("Transpose", ShapeOperators::transpose);
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
        Node node = c.node();
        c.require(node.integer("allowzero", 0) == 0, "allowzero 1 is not supported");
        NodeContext.Longs shape = c.longs("shape", 1, "shape");
        return f -> {
            long[] wanted = shape.of(f).clone();
            for (int i = 0; i < wanted.length; i++) {
                // 0 copies the dimension of the input
                wanted[i] = wanted[i] == 0 ? f.in(0).size(i) : wanted[i];
            }
            f.out(f.in(0).reshape(wanted));
        };
    }

    private static Operation transpose(NodeContext c) {
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
}
