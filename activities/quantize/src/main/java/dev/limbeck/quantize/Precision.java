package dev.limbeck.quantize;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers that a group of layers may be quantized to; signs and zero points are those of the rest of the network.
 *
 * @param weights of the layers
 * @param activations that they read
 */
public record Precision(NumberFormat weights, NumberFormat activations) {

    /** Not quantized. */
    public static final Precision FLOAT = new Precision(NumberFormat.FLOAT32, NumberFormat.FLOAT32);

    private static final String FLOAT_NAME = "float";

    private static final Pattern NAME = Pattern.compile("w(\\d{1,2})a(\\d{1,2})");

    private static final Pattern BITS = Pattern.compile("\\d{1,2}");

    public Precision {
        requireNonNull(weights, "weights is null");
        requireNonNull(activations, "activations is null");
        QuantizeOptions.requireWeightBits(weights);
    }

    /** @param weightBits 2 to 8 or 16; {@code activationBits} 2 to 16 */
    public static Precision of(int weightBits, int activationBits) {
        return new Precision(
                NumberFormat.integer(weightBits, Symmetry.SYMMETRIC),
                NumberFormat.integer(activationBits, Symmetry.ASYMMETRIC));
    }

    /**
     * Reads a list: "w4a8" for 4-bit weights and 8-bit activations, "float", and numbers of bits, of which every pair is meant.
     *
     * @return the widest first
     * @throws BadInputException naming what is none of these; and if there are fewer than two to choose from
     */
    public static List<Precision> parse(String list) {
        Set<Precision> parsed = new LinkedHashSet<>();
        List<Integer> bits = new ArrayList<>();
        for (String part : list.toLowerCase(Locale.ROOT).split(",")) {
            String name = part.strip();
            Matcher pair = NAME.matcher(name);
            if (pair.matches()) {
                parsed.add(of(Integer.parseInt(pair.group(1)), Integer.parseInt(pair.group(2))));
            } else if (name.equals(FLOAT_NAME)) {
                parsed.add(FLOAT);
            } else if (BITS.matcher(name).matches()) {
                bits.add(Integer.parseInt(name));
            } else {
                throw new BadInputException(
                        "'" + name + "' is no precision; give numbers of bits, such as 4,8, or pairs"
                                + " such as w4a8 (4-bit weights, 8-bit activations), or float");
            }
        }
        bits.forEach(weights -> bits.forEach(activations -> parsed.add(of(weights, activations))));
        return widestFirst(parsed);
    }

    /** @throws BadInputException if there are fewer than two */
    static List<Precision> widestFirst(Iterable<Precision> precisions) {
        List<Precision> sorted = new ArrayList<>();
        precisions.forEach(precision -> {
            if (!sorted.contains(precision)) {
                sorted.add(precision);
            }
        });
        // among equals, fewer bits of weights: that is what a file gets smaller by
        sorted.sort((a, b) -> a.cost() == b.cost()
                ? Integer.compare(b.activations.bits(), a.activations.bits())
                : Integer.compare(b.cost(), a.cost()));
        if (sorted.size() < 2) {
            throw new BadInputException(
                    "there is nothing to mix in " + sorted + "; give two precisions or more, such as 4,8");
        }
        return List.copyOf(sorted);
    }

    /** Bit-operations of a multiplication. */
    private int cost() {
        return weights.bits() * activations.bits();
    }

    boolean isQuantized() {
        return weights.isQuantized() || activations.isQuantized();
    }

    /** These options with this precision for all layers, and the symmetry that they have. */
    QuantizeOptions.Builder applied(QuantizeOptions options) {
        return options.toBuilder()
                .weights(weights.withSymmetry(options.weights().symmetry()))
                .activations(activations.withSymmetry(options.activations().symmetry()));
    }

    @Override
    public String toString() {
        return equals(FLOAT) ? FLOAT_NAME : "w" + weights.bits() + "a" + activations.bits();
    }
}
