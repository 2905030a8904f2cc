package dev.limbeck.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pad in all its modes, along any axes. */
final class PadOperators {

    private PadOperators() {}

    static void register(Operators table) {
        table.add("Pad", PadOperators::pad);
    }

    private static Operation pad(NodeContext c) {
        String mode = c.node().text("mode", "constant");
        NodeContext.Longs given = c.longs("pads", 1);
        NodeContext.Longs axes = c.longs("", 3);
        double value = c.number("value", 2, 0);
        c.require(given != null, "the pads are missing");
        if (mode.equals("constant")) {
            return f -> {
                long[] pads = Window.torchPads(full(f, given, axes));
                f.out(torch.constant_pad_nd(f.in(0), pads, new Scalar(value)));
            };
        }
        Source source =
                switch (mode) {
                    case "reflect" -> PadOperators::reflected;
                    case "edge" -> (index, size) -> Math.clamp(index, 0, size - 1);
                    case "wrap" -> Math::floorMod;
                    default -> throw c.refuse("mode '" + mode + "' is not supported");
                };
        c.initializer(1)
                .ifPresent(p -> c.require(
                        Arrays.stream(p.longs()).allMatch(a -> a >= 0),
                        "negative pads in mode '" + mode + "' are not supported"));
        return f -> f.out(padded(f.in(0), full(f, given, axes), mode, source));
    }

    /** Where a position before, within or behind an axis takes its element from. */
    @FunctionalInterface
    private interface Source {
        long of(long index, long size);
    }

    // The border itself is not repeated.
    private static long reflected(long index, long size) {
        if (size == 1) {
            return 0;
        }
        long period = 2 * (size - 1);
        long within = Math.floorMod(index, period);
        return within < size ? within : period - within;
    }

    /** Pads of every axis: all those before, then all those behind. */
    private static long[] full(Frame f, NodeContext.Longs given, NodeContext.Longs axes) {
        long[] pads = given.of(f);
        if (axes == null) {
            return pads;
        }
        int rank = (int) f.in(0).dim();
        long[] chosen = axes.of(f);
        long[] full = new long[2 * rank];
        for (int i = 0; i < chosen.length; i++) {
            int axis = (int) (chosen[i] < 0 ? chosen[i] + rank : chosen[i]);
            full[axis] = pads[i];
            full[axis + rank] = pads[i + chosen.length];
        }
        return full;
    }

    private static Tensor padded(Tensor x, long[] pads, String mode, Source source) {
        int rank = pads.length / 2;
        if (Arrays.stream(pads).anyMatch(p -> p < 0)) {
            throw new IllegalArgumentException("negative pads in mode '" + mode + "' are not supported");
        }
        if (rank == 4 && pads[0] == 0 && pads[1] == 0 && pads[4] == 0 && pads[5] == 0) {
            long[] spatial = {pads[3], pads[7], pads[2], pads[6]};
            boolean fits = Math.max(pads[2], pads[6]) < x.size(2) && Math.max(pads[3], pads[7]) < x.size(3);
            if (mode.equals("reflect") && fits) {
                return torch.reflection_pad2d(x, spatial);
            }
            if (mode.equals("edge")) {
                return torch.replication_pad2d(x, spatial);
            }
        }
        Tensor result = new Tensor(x);
        for (int axis = 0; axis < rank; axis++) {
            long before = pads[axis];
            long size = x.size(axis);
            long[] sources = new long[Math.toIntExact(before + size + pads[axis + rank])];
            if (sources.length != size) {
                Arrays.setAll(sources, i -> source.of(i - before, size));
                result = torch.index_select(result, axis, Native.like(Native.longs(sources, sources.length), x));
            }
        }
        return result;
    }
}
