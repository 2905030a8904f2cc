package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Activation functions that network builders and block variants choose from. */
public enum Activation {
    /** The identity: no node. */
    NONE,
    /** max(0, x). */
    RELU,
    /** min(max(0, x), 6). */
    RELU6,
    /** x * min(max(0, x / 6 + 1 / 2), 1) (Howard et al. 2019). */
    HARDSWISH,
    /** x * sigmoid(x), also called swish. */
    SILU,
    /** x * (1 + erf(x / sqrt(2))) / 2. */
    GELU;

    /** The name in specs: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws BadInputException if no activation has this name */
    public static Activation named(String label) {
        return Arrays.stream(values())
                .filter(a -> a.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new BadInputException("there is no activation '" + label + "'; known are: "
                        + Arrays.stream(values()).map(Activation::label).collect(Collectors.joining(", "))));
    }
}
