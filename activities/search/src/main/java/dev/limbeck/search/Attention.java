package dev.limbeck.search;

import java.util.Locale;

/** Attention inside the layers of a block. */
public enum Attention {
    NONE,
    /** Squeeze-and-excitation (Hu et al. 2018), with a quarter of the hidden channels in its middle. */
    SE;

    /** The name in specs: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws dev.limbeck.schemas.BadInputException if there is none of this name */
    public static Attention named(String label) {
        return Labels.find(values(), Attention::label, label, "attention");
    }
}
