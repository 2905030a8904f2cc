package dev.limbeck.learn;

/** The optimizers that training offers. */
public enum OptimizerKind {
    /** Stochastic gradient descent with Nesterov's momentum. */
    SGD,
    /** Adam with decoupled weight decay. */
    ADAMW
}
