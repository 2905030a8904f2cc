package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.Locale;

/** The optimizers that training offers. */
public enum OptimizerKind {
    /** Stochastic gradient descent with Nesterov's momentum. */
    SGD,
    /** Adam with decoupled weight decay. */
    ADAMW;

    /** The name in specs: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws BadInputException if no optimizer has this name */
    public static OptimizerKind named(String label) {
        return Arrays.stream(values())
                .filter(o -> o.label().equals(label))
                .findFirst()
                .orElseThrow(
                        () -> new BadInputException("there is no optimizer '" + label + "'; known are: sgd, adamw"));
    }
}
