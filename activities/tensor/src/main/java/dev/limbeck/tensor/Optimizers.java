package dev.limbeck.tensor;

import java.util.List;

/** The optimizers. Weight decay applies to parameters whose {@link Parameter#decay()} is true. */
public final class Optimizers {

    private Optimizers() {}

    /**
     * Stochastic gradient descent with PyTorch's rule: v = momentum * v + g, w -= rate * v (Sutskever et al. 2013 for Nesterov's).
     *
     * @param weightDecay added to the gradient, times the weight
     */
    public static Optimizer sgd(List<Parameter> parameters, double momentum, boolean nesterov, double weightDecay) {
        return new Sgd(parameters, momentum, nesterov, weightDecay);
    }

    /**
     * AdamW (Loshchilov and Hutter 2019, algorithm 2).
     *
     * @param weightDecay decoupled from the gradient: w *= 1 - rate * weightDecay
     */
    public static Optimizer adamW(
            List<Parameter> parameters, double beta1, double beta2, double epsilon, double weightDecay) {
        return new AdamW(parameters, beta1, beta2, epsilon, weightDecay);
    }
}
