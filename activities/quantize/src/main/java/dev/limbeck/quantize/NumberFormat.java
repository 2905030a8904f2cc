package dev.limbeck.quantize;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers that a quantized tensor is stored in.
 *
 * @param type integers on a grid, or IEEE floats of half precision
 * @param bits 2 to 16 of integers; 16 of floats, or 32, which leaves a tensor as it is
 * @param symmetry of integers; means nothing for floats
 */
public record NumberFormat(Type type, int bits, Symmetry symmetry) {

    /** Whether numbers are integers times a scale, or floats. */
    public enum Type {
        INTEGER,
        FLOAT
    }

    private static final Pattern NAME = Pattern.compile("(float|int|uint)(\\d{1,3})");

    public static final int MIN_BITS = 2;
    public static final int MAX_BITS = 16;

    /** Not quantized. */
    public static final NumberFormat FLOAT32 = new NumberFormat(Type.FLOAT, 32, Symmetry.ASYMMETRIC);

    /** IEEE 754 binary16. */
    public static final NumberFormat FLOAT16 = new NumberFormat(Type.FLOAT, 16, Symmetry.ASYMMETRIC);

    public NumberFormat {
        requireNonNull(type, "type is null");
        requireNonNull(symmetry, "symmetry is null");
        requireBits(type, bits);
    }

    static void requireBits(Type type, int bits) {
        if (type == Type.FLOAT && bits != 16 && bits != 32) {
            throw new BadInputException("floats of " + bits + " bits are not supported; give 16 or 32");
        }
        if (type == Type.INTEGER && (bits < MIN_BITS || bits > MAX_BITS)) {
            throw new BadInputException(
                    "integers of " + bits + " bits are not supported; give " + MIN_BITS + " to " + MAX_BITS);
        }
    }

    /**
     * Reads what {@link #toString} writes: "int4" is symmetric, "uint8" has a zero point.
     *
     * @throws BadInputException if there is no such format
     */
    public static NumberFormat parse(String text) {
        Matcher matcher = NAME.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new BadInputException(
                    "'" + text + "' is no number format; give one such as int8, uint8, int4 or float16");
        }
        int bits = Integer.parseInt(matcher.group(2));
        return switch (matcher.group(1)) {
            case "float" -> new NumberFormat(Type.FLOAT, bits, Symmetry.ASYMMETRIC);
            case "int" -> integer(bits, Symmetry.SYMMETRIC);
            default -> integer(bits, Symmetry.ASYMMETRIC);
        };
    }

    /** @param bits {@value #MIN_BITS} to {@value #MAX_BITS} */
    public static NumberFormat integer(int bits, Symmetry symmetry) {
        return new NumberFormat(Type.INTEGER, bits, symmetry);
    }

    /** The same numbers with another symmetry; floats stay as they are. */
    NumberFormat withSymmetry(Symmetry other) {
        return isFloat() ? this : new NumberFormat(type, bits, other);
    }

    public boolean isFloat() {
        return type == Type.FLOAT;
    }

    /** Whether tensors of this format are stored in fewer bits than before. */
    public boolean isQuantized() {
        return !equals(FLOAT32);
    }

    /** Whether the stored integers have a sign. */
    public boolean signed() {
        return symmetry == Symmetry.SYMMETRIC || symmetry == Symmetry.STRICT_SYMMETRIC;
    }

    /** The smallest stored integer. */
    public int lowest() {
        return switch (symmetry) {
            case SYMMETRIC -> -(1 << (bits - 1));
            case STRICT_SYMMETRIC -> 1 - (1 << (bits - 1));
            case ASYMMETRIC, UNSIGNED_SYMMETRIC -> 0;
        };
    }

    /** The largest stored integer. */
    public int highest() {
        return signed() ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
    }

    @Override
    public String toString() {
        return isFloat() ? "float" + bits : (signed() ? "int" : "uint") + bits;
    }
}
