package dev.limbeck.tensor;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Stochastic gradient descent; see {@link Optimizers#sgd}. */
final class Sgd extends ParameterOptimizer {

    private final double momentum;
    private final boolean nesterov;
    private final double weightDecay;

    Sgd(List<Parameter> parameters, double momentum, boolean nesterov, double weightDecay) {
        super(parameters);
        this.momentum = momentum;
        this.nesterov = nesterov;
        this.weightDecay = weightDecay;
    }

    // g += decay * w;  v = momentum * v + g;  w -= rate * (nesterov ? g + momentum * v : v)
    @Override
    void update(Parameter parameter, Tensor value, Tensor gradient, double learningRate, long step) {
        if (weightDecay != 0 && parameter.decay()) {
            gradient.add_(value, new Scalar(weightDecay));
        }
        Tensor direction = gradient;
        if (momentum != 0) {
            Tensor velocity = moment(parameter, "velocity");
            velocity.mul_(new Scalar(momentum)).add_(gradient);
            direction = nesterov ? gradient.add_(velocity, new Scalar(momentum)) : velocity;
        }
        value.add_(direction, new Scalar(-learningRate));
    }
}
