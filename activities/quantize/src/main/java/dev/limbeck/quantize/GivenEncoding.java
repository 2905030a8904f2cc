package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The encoding of a tensor as a file gives it, before the network says which axis its scales belong to.
 *
 * @param bits of the integers
 * @param symmetric whether the file says so
 * @param scale of the tensor, its channels or blocks
 * @param offset of the grid of unsigned integers: its smallest value in steps, 0 or less
 * @param perChannel whether scales belong to channels, or blocks of them
 * @param blockSize input channels that share a scale; 0 where all do
 * @param channelMajor whether all blocks of the first channel come first; else blocks lie as the weight's elements do
 */
record GivenEncoding(
        JsonEntry entry,
        int bits,
        boolean symmetric,
        float[] scale,
        int[] offset,
        boolean perChannel,
        int blockSize,
        boolean channelMajor) {

    private static final Set<String> WEIGHTED_OPERATORS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

    /** For an activation. */
    Encoding ofActivation() {
        check();
        if (scale.length > 1) {
            throw entry.bad("is an activation with " + scale.length + " scales; activations have one");
        }
        NumberFormat format = format();
        return new Encoding(format, scale, zeroPoints(format), Encoding.PER_TENSOR);
    }

    /** For the weight of this name. */
    Encoding ofParameter(Graph network, String name) {
        check();
        NumberFormat format = format();
        int[] zeroPoint = zeroPoints(format);
        if (!perChannel) {
            if (scale.length > 1) {
                throw entry.bad("has " + scale.length + " scales, but is encoded as a whole");
            }
            return new Encoding(format, scale, zeroPoint, Encoding.PER_TENSOR);
        }
        long[] shape = network.initializers().get(name).shape();
        int axis = channelAxis(network, name);
        if (axis >= shape.length) {
            throw entry.bad("has " + shape.length + " axes, and so no channels");
        }
        Encoding encoding = blockSize == 0
                ? new Encoding(format, scale, zeroPoint, axis)
                : ofBlocks(format, zeroPoint, axis, Math.toIntExact(shape[1 - axis]));
        try {
            encoding.scaleIndex(shape);
        } catch (IllegalArgumentException e) {
            throw entry.bad("does not fit the network: " + e.getMessage());
        }
        return encoding;
    }

    private Encoding ofBlocks(NumberFormat format, int[] zeroPoint, int axis, int inputs) {
        int blocks = Math.ceilDiv(inputs, blockSize);
        if (scale.length % blocks != 0) {
            throw entry.bad("has " + scale.length + " scales, which are no multiple of its " + blocks + " blocks");
        }
        Encoding given = new Encoding(format, scale, zeroPoint, axis, blockSize, blocks);
        if (!channelMajor) {
            return given;
        }
        float[] orderedScale = new float[scale.length];
        int[] orderedZeroPoint = new int[scale.length];
        int[] order = given.channelMajor();
        for (int i = 0; i < order.length; i++) {
            orderedScale[order[i]] = scale[i];
            orderedZeroPoint[order[i]] = zeroPoint[i];
        }
        return new Encoding(format, orderedScale, orderedZeroPoint, axis, blockSize, blocks);
    }

    /** Where the operators that read a weight have their output channels. */
    private int channelAxis(Graph network, String weight) {
        Set<Integer> axes = network.consumers(weight).stream()
                .filter(node -> WEIGHTED_OPERATORS.contains(node.op()))
                .map(OperatorKind::outputAxis)
                .collect(Collectors.toSet());
        if (axes.size() != 1) {
            throw entry.bad("has scales for channels, but "
                    + (axes.isEmpty()
                            ? "no convolution or matrix product reads it"
                            : "the operators that read it disagree on which axis that is"));
        }
        return axes.iterator().next();
    }

    private void check() {
        if (bits < NumberFormat.MIN_BITS || bits > NumberFormat.MAX_BITS) {
            throw entry.bad("has " + bits + " bits; " + NumberFormat.MIN_BITS + " to " + NumberFormat.MAX_BITS
                    + " can be read");
        }
        if (scale.length == 0 || scale.length != offset.length) {
            throw entry.bad("has " + scale.length + " scales and " + offset.length + " offsets");
        }
        for (float s : scale) {
            if (!(s > 0) || Float.isInfinite(s)) {
                throw entry.bad("has the scale " + s + "; scales must be positive");
            }
        }
    }

    private NumberFormat format() {
        Symmetry found = Symmetry.ASYMMETRIC;
        if (symmetric) {
            int half = 1 << (bits - 1);
            found = switch (half + offset[0]) {
                case 0 -> Symmetry.SYMMETRIC;
                case 1 -> Symmetry.STRICT_SYMMETRIC;
                default -> {
                    if (offset[0] != 0) {
                        throw entry.bad("is symmetric, but has the offset " + offset[0] + "; right would be " + -half
                                + ", " + (1 - half) + " or 0");
                    }
                    yield Symmetry.UNSIGNED_SYMMETRIC;
                }
            };
        }
        return NumberFormat.integer(bits, found);
    }

    private int[] zeroPoints(NumberFormat format) {
        int[] zeroPoint = new int[offset.length];
        for (int i = 0; i < zeroPoint.length; i++) {
            zeroPoint[i] = format.lowest() - offset[i];
            boolean within = symmetric ? zeroPoint[i] == 0 : zeroPoint[i] >= 0 && zeroPoint[i] <= format.highest();
            if (!within) {
                throw entry.bad("has the offset " + offset[i] + ", so that 0 is not on its grid of " + format);
            }
        }
        return zeroPoint;
    }
}
