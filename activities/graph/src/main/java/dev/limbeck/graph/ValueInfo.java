package dev.limbeck.graph;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * Name, element type and shape of a graph's input, output or inner tensor.
 *
 * @param shape dimensions; {@link #DYNAMIC} where one is only known when the graph runs; null where not even the rank is known
 */
public record ValueInfo(String name, ElementType type, long... shape) {

    /** A dimension that is only known when the graph runs, such as the batch. */
    public static final long DYNAMIC = -1;

    public ValueInfo {
        requireNonNull(name, "name is null");
        requireNonNull(type, "type is null");
        shape = shape == null ? null : shape.clone();
    }

    @Override
    public long[] shape() {
        return shape == null ? null : shape.clone();
    }

    /** A tensor of unknown rank, whose shape the runtime is to infer. */
    public static ValueInfo unranked(String name, ElementType type) {
        return new ValueInfo(name, type, (long[]) null);
    }

    /** This value with every dynamic dimension replaced by the given one. */
    public ValueInfo withDynamic(long dimension) {
        if (shape == null) {
            return this;
        }
        return new ValueInfo(
                name,
                type,
                Arrays.stream(shape).map(d -> d == DYNAMIC ? dimension : d).toArray());
    }

    public ValueInfo withName(String newName) {
        return new ValueInfo(newName, type, shape);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ValueInfo that
                && name.equals(that.name)
                && type == that.type
                && Arrays.equals(shape, that.shape);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(shape);
    }

    @Override
    public String toString() {
        return name + ": " + type + Arrays.toString(shape);
    }
}
