package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Operators of Limbeck's own domain, for graphs that are only trained: what comes out of the training is written in ONNX's operators.
 * They draw from the executor's random numbers in {@link Mode#TRAIN}, and in no other mode.
 */
public final class TrainingOperators {

    static final String DOMAIN = "dev.limbeck";

    private TrainingOperators() {}

    static void register(Operators table) {
        table.add(DOMAIN + ".HardConcrete", TrainingOperators::hardConcrete)
                .add(DOMAIN + ".NestedQuantize", TrainingOperators::nestedQuantize)
                .add(DOMAIN + ".GateChannels", TrainingOperators::gateChannels)
                .add(DOMAIN + ".RelaxedQuantize", TrainingOperators::relaxedQuantize);
    }

    /**
     * Gates from their parameters: see {@link HardConcrete}.
     *
     * @param parameters [gates]; phi is that times the rate
     * @param rate how much faster than other parameters the gates learn
     */
    public static Node hardConcrete(String parameters, double rate, String output) {
        return node("HardConcrete", output, parameters).withNumber("rate", (float) rate);
    }

    /** One of the grids of {@link #nestedQuantize}: as many bits over the common range. */
    public record Level(int bits, int zeroPoint, int lowest, int highest) {}

    /**
     * A grid that gates make finer (Bayesian Bits, van Baalen et al. 2020, eq. 1 to 6): with Q_b the grid of b bits, Q_2 + z_4 (Q_4 - Q_2
     * + z_8 (Q_8 - Q_4)), which is their sum of gated residuals, as the residuals of one grid are the differences between grids. What
     * no open gate asks for is not computed.
     *
     * @param scale of the last level; one of b bits is longer by (2^last - 1) / (2^b - 1), so that all span the same range
     * @param gates as {@link #hardConcrete} makes them
     * @param positions of the gates of the second level and those after it
     * @param axis of the scales, if there are several
     * @param levels from coarse to fine
     */
    public static Node nestedQuantize(
            String x, String scale, String gates, long[] positions, int axis, List<Level> levels, String output) {
        return node("NestedQuantize", output, x, scale, gates)
                .withIntegers("positions", positions)
                .withInteger("axis", axis)
                .withIntegers("bits", levels.stream().mapToLong(Level::bits).toArray())
                .withIntegers(
                        "zero_points",
                        levels.stream().mapToLong(Level::zeroPoint).toArray())
                .withIntegers("lowest", levels.stream().mapToLong(Level::lowest).toArray())
                .withIntegers(
                        "highest", levels.stream().mapToLong(Level::highest).toArray());
    }

    /** @param first position of the gate of the first of the channels, which lie along an axis of x */
    public static Node gateChannels(String x, String gates, int first, int axis, String output) {
        return node("GateChannels", output, x, gates)
                .withInteger("first", first)
                .withInteger("axis", axis);
    }

    /**
     * Relaxed quantization (Louizos et al. 2019): logistic noise is added to what is quantized, and the point of the grid is drawn by
     * the probabilities that this gives to each, over a local grid of the two points around the value, whose outer ends take what is
     * beyond. The upper one then has the log-odds (v - floor(v) - 1/2) / noise for v = x / scale. The point is drawn; its gradient is
     * that of the binary concrete distribution (Maddison et al. 2017).
     *
     * @param noise standard deviation of the noise times sqrt(3) / pi, in steps of the grid
     */
    public static Node relaxedQuantize(
            String x, String scale, String zeroPoint, String noise, int axis, int lowest, int highest, String output) {
        return node("RelaxedQuantize", output, x, scale, zeroPoint, noise)
                .withInteger("axis", axis)
                .withInteger("lowest", lowest)
                .withInteger("highest", highest);
    }

    private static Node node(String op, String output, String... inputs) {
        return Node.of(op, output, List.of(inputs), List.of(output)).withDomain(DOMAIN);
    }

    private static Operation hardConcrete(NodeContext c) {
        c.bias(0);
        double rate = c.node().number("rate", 1);
        return f -> {
            Tensor phi = f.in(0).mul(new Scalar(rate));
            if (f.mode() != Mode.TRAIN) {
                f.out(phi.detach().gt(new Scalar(HardConcrete.LEAST_OPEN)).to(ScalarType.Float));
                return;
            }
            Tensor s = torch.sigmoid(logistic(phi, f).add_(phi).mul_(new Scalar(1 / HardConcrete.BETA)));
            Tensor stretched =
                    s.mul(new Scalar(HardConcrete.ZETA - HardConcrete.GAMMA)).add(new Scalar(HardConcrete.GAMMA));
            f.out(torch.clamp(stretched, bound(0), bound(1)));
        };
    }

    /** Draws from the logistic distribution of scale 1: ln u - ln(1 - u). */
    private static Tensor logistic(Tensor like, Frame f) {
        try (NoGradGuard guard = new NoGradGuard()) {
            return torch.empty_like(like).uniform_(1e-6, 1 - 1e-6, f.random()).logit_();
        }
    }

    private static Operation nestedQuantize(NodeContext c) {
        c.weightIfFloat(0);
        Node node = c.node();
        long[] positions = node.integers("positions");
        int axis = (int) node.integer("axis", -1);
        long[] bits = node.integers("bits");
        long[] zeroPoints = node.integers("zero_points");
        long[] lowest = node.integers("lowest");
        long[] highest = node.integers("highest");
        return f -> {
            float[] open = new float[positions.length];
            for (int i = 0; i < open.length; i++) {
                open[i] = f.in(2).select(0, positions[i]).item_float();
            }
            Nesting nesting = new Nesting(
                    f,
                    level -> {
                        double longer = (Math.pow(2, bits[bits.length - 1]) - 1) / (Math.pow(2, bits[level]) - 1);
                        Tensor scale = f.in(1).mul(new Scalar(longer));
                        Tensor zeros = torch.full_like(scale.detach(), new Scalar((double) zeroPoints[level]));
                        return new FakeQuantization(axis, lowest[level], highest[level])
                                .of(f.in(0), scale, zeros, f.mode().hasGradients());
                    },
                    positions,
                    open);
            f.out(nesting.from(0));
        };
    }

    /** The sum over levels, of which only those are computed that count. */
    private record Nesting(Frame frame, IntFunction<Tensor> grid, long[] positions, float[] open) {

        Tensor from(int level) {
            // a gate at one of its ends has no gradient either
            if (level == open.length || open[level] == 0) {
                return grid.apply(level);
            }
            if (open[level] == 1) {
                return from(level + 1);
            }
            Tensor coarse = grid.apply(level);
            Tensor gate = frame.in(2).select(0, positions[level]);
            return coarse.lerp(from(level + 1), gate);
        }
    }

    private static Operation gateChannels(NodeContext c) {
        int first = (int) c.node().integer("first", 0);
        int axis = (int) c.node().integer("axis", 0);
        c.weightIfFloat(0);
        return f -> {
            long channels = f.in(0).size(axis);
            Tensor gates = f.in(1).narrow(0, first, channels);
            f.out(f.in(0).mul(gates.reshape(FakeQuantization.shape(f.in(0), axis, channels))));
        };
    }

    private static Operation relaxedQuantize(NodeContext c) {
        c.weightIfFloat(0);
        Node node = c.node();
        int axis = (int) node.integer("axis", -1);
        FakeQuantization plain = new FakeQuantization(axis, node.integer("lowest", 0), node.integer("highest", 255));
        return f -> {
            Tensor zeros = f.in(2).to(ScalarType.Float);
            if (f.mode() != Mode.TRAIN) {
                f.out(plain.of(f.in(0), f.in(1), zeros, f.mode().hasGradients()));
                return;
            }
            Tensor scale = plain.along(f.in(0), f.in(1));
            Tensor zeroPoint = plain.along(f.in(0), zeros);
            Tensor steps = f.in(0).div(scale);
            Tensor floor = torch.floor(steps.detach());
            Tensor odds = steps.sub(floor).sub(new Scalar(0.5)).div(f.in(3));
            Tensor soft = torch.sigmoid(odds.add(logistic(odds, f)));
            Tensor drawn;
            try (NoGradGuard guard = new NoGradGuard()) {
                drawn = soft.gt(new Scalar(0.5))
                        .to(ScalarType.Float)
                        .sub_(soft)
                        .add_(floor)
                        .add_(zeroPoint);
            }
            Tensor stored = torch.clamp(soft.add(drawn), bound(plain.lowest()), bound(plain.highest()));
            f.out(stored.sub(zeroPoint).mul(scale));
        };
    }

    private static ScalarOptional bound(double value) {
        return new ScalarOptional(new Scalar(value));
    }
}
