package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Functions of each element, softmax, and dropout. */
final class ActivationOperators {

    private static final double SIXTH = 1 / 6.0;

    private ActivationOperators() {}

    static void register(Operators table) {
        unary(table, "Sigmoid", torch::sigmoid);
        unary(table, "Tanh", torch::tanh);
        unary(table, "HardSwish", torch::hardswish);
        unary(table, "Erf", torch::erf);
        unary(table, "Mish", torch::mish);
        unary(table, "Softplus", torch::softplus);
        unary(table, "Identity", Tensor::new);
        unary(table, "Softsign", x -> x.div(torch.abs(x).add(new Scalar(1f))));
        table.add("Relu", ActivationOperators::relu)
                .add("Clip", ActivationOperators::clip)
                .add("HardSigmoid", ActivationOperators::hardSigmoid)
                .add("LeakyRelu", ActivationOperators::leakyRelu)
                .add("PRelu", ActivationOperators::prelu)
                .add("Elu", ActivationOperators::elu)
                .add("Selu", ActivationOperators::selu)
                .add("Celu", ActivationOperators::celu)
                .add("ThresholdedRelu", ActivationOperators::thresholded)
                .add("Gelu", ActivationOperators::gelu)
                .add("Softmax", c -> softmax(c, torch::softmax))
                .add("LogSoftmax", c -> softmax(c, torch::log_softmax))
                .add("Dropout", ActivationOperators::dropout);
    }

    static void unary(Operators table, String op, UnaryOperator<Tensor> function) {
        table.add(op, c -> f -> f.out(function.apply(f.in(0))));
    }

    private static Operation relu(NodeContext c) {
        boolean overwrite = c.overwritable(0);
        // An in-place function returns the handle that it was given: the output needs one of its own.
        return f -> f.out(overwrite && !f.tapped() ? new Tensor(torch.relu_(f.in(0))) : torch.relu(f.in(0)));
    }

    private static Operation clip(NodeContext c) {
        double low = c.number("min", 1, Double.NEGATIVE_INFINITY);
        double high = c.number("max", 2, Double.POSITIVE_INFINITY);
        boolean overwrite = c.overwritable(0);
        return f -> {
            if (!Native.isFloat(f.in(0))) {
                f.out(torch.clamp(f.in(0), bound(low), bound(high)));
                return;
            }
            Scalar bottom = new Scalar(low);
            Scalar top = new Scalar(high);
            f.out(
                    overwrite && !f.tapped()
                            ? new Tensor(torch.hardtanh_(f.in(0), bottom, top))
                            : torch.hardtanh(f.in(0), bottom, top));
        };
    }

    /** A bound for integers; none where it is infinite. */
    private static ScalarOptional bound(double value) {
        return Double.isInfinite(value) ? new ScalarOptional() : new ScalarOptional(new Scalar((long) value));
    }

    // ONNX's default alpha is 0.2, that of libtorch's function 1/6: only the latter may use it.
    private static Operation hardSigmoid(NodeContext c) {
        Node node = c.node();
        double alpha = node.number("alpha", 0.2f);
        double beta = node.number("beta", 0.5f);
        if (Math.abs(alpha - SIXTH) < 1e-7 && beta == 0.5) {
            return f -> f.out(torch.hardsigmoid(f.in(0)));
        }
        return f -> f.out(torch.clamp(
                f.in(0).mul(new Scalar(alpha)).add(new Scalar(beta)),
                new ScalarOptional(new Scalar(0.0)),
                new ScalarOptional(new Scalar(1.0))));
    }

    private static Operation leakyRelu(NodeContext c) {
        double alpha = c.node().number("alpha", 0.01f);
        return f -> f.out(torch.leaky_relu(f.in(0), new Scalar(alpha)));
    }

    // The slope broadcasts as in ONNX, which libtorch's own prelu does not do.
    private static Operation prelu(NodeContext c) {
        c.bias(1);
        return f -> {
            Tensor x = f.in(0);
            f.out(torch.relu(x).sub(torch.relu(x.neg()).mul(f.in(1))));
        };
    }

    private static Operation elu(NodeContext c) {
        double alpha = c.node().number("alpha", 1f);
        return f -> f.out(torch.elu(f.in(0), new Scalar(alpha), new Scalar(1.0), new Scalar(1.0)));
    }

    // ONNX's defaults are the numbers of Klambauer et al. 2017, "Self-normalizing neural networks".
    private static Operation selu(NodeContext c) {
        double alpha = c.node().number("alpha", 1.67326319217681884765625f);
        double gamma = c.node().number("gamma", 1.05070102214813232421875f);
        return f -> f.out(torch.elu(f.in(0), new Scalar(alpha), new Scalar(gamma), new Scalar(1.0)));
    }

    private static Operation celu(NodeContext c) {
        double alpha = c.node().number("alpha", 1f);
        return f -> f.out(torch.celu(f.in(0), new Scalar(alpha)));
    }

    private static Operation thresholded(NodeContext c) {
        double alpha = c.node().number("alpha", 1f);
        return f -> f.out(torch.threshold(f.in(0), new Scalar(alpha), new Scalar(0f)));
    }

    private static Operation gelu(NodeContext c) {
        String approximate = c.node().text("approximate", "none");
        return f -> f.out(torch.gelu(f.in(0), approximate));
    }

    /** A function along one axis. */
    @FunctionalInterface
    private interface AlongAxis {
        Tensor apply(Tensor x, long axis);
    }

    private static Operation softmax(NodeContext c, AlongAxis function) {
        if (c.opset() >= 13) {
            long axis = c.node().integer("axis", -1);
            return f -> f.out(function.apply(f.in(0), axis));
        }
        // Before operator set 13 all dimensions from the axis on are one.
        int axis = (int) c.node().integer("axis", 1);
        return f -> {
            long[] shape = Native.shape(f.in(0));
            f.out(function.apply(ShapeOperators.flatten(f.in(0), axis), 1).reshape(shape));
        };
    }

    private static Operation dropout(NodeContext c) {
        double ratio = c.number("ratio", 1, 0.5);
        c.constant(2, "training_mode");
        return f -> {
            Tensor x = f.in(0);
            if (f.mode() != Mode.TRAIN || ratio == 0) {
                f.out(new Tensor(x));
                f.out(1, torch.ones_like(x).to(ScalarType.Bool));
                return;
            }
            Tensor kept = torch.bernoulli(torch.empty_like(x), 1 - ratio, f.random());
            f.out(1, kept.to(ScalarType.Bool));
            f.out(x.mul(kept.div(new Scalar(1 - ratio))));
        };
    }
}
