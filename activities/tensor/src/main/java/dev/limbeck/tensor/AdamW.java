package dev.limbeck.tensor;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Adam with decoupled weight decay; see {@link Optimizers#adamW}. */
final class AdamW extends ParameterOptimizer {

    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double weightDecay;

    AdamW(List<Parameter> parameters, double beta1, double beta2, double epsilon, double weightDecay) {
        super(parameters);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.weightDecay = weightDecay;
    }

    // w *= 1 - rate * decay;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
    // w -= rate * m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon)
    @Override
    void update(Parameter parameter, Tensor value, Tensor gradient, double learningRate, long step) {
        if (weightDecay != 0 && parameter.decay()) {
            value.mul_(new Scalar(1 - learningRate * weightDecay));
        }
        Tensor mean = moment(parameter, "mean");
        Tensor variance = moment(parameter, "variance");
        mean.mul_(new Scalar(beta1)).add_(gradient, new Scalar(1 - beta1));
        variance.mul_(new Scalar(beta2)).addcmul_(gradient, gradient, new Scalar(1 - beta2));
        double correction1 = 1 - Math.pow(beta1, step);
        double correction2 = 1 - Math.pow(beta2, step);
        Tensor denominator = torch.sqrt(variance)
                .mul_(new Scalar(1 / Math.sqrt(correction2)))
                .add_(new Scalar(epsilon));
        value.addcdiv_(mean, denominator, new Scalar(-learningRate / correction1));
    }
}
