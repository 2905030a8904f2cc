package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A node while it is compiled: its attributes and constants, and how it will use its initializers. */
final class NodeContext {

    /** How a node uses an initializer. */
    enum Use {
        /** Read from a slot, never changed. */
        CONSTANT,
        /** A leaf of autograd that training changes, under weight decay. */
        WEIGHT,
        /** A leaf of autograd that training changes, without weight decay. */
        BIAS,
        /** A leaf of autograd that training changes by factors, so that it stays positive, without weight decay. */
        SCALE,
        /** Changed by the node itself when it trains. */
        STATISTIC,
        /** Read while compiling; no tensor is made of it. */
        COMPILED
    }

    /** Integers that are known while compiling, or read from a tensor when the graph runs. */
    @FunctionalInterface
    interface Longs {
        long[] of(Frame frame);
    }

    /** A mode of an operator that cannot be run. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String reason) {
            super(reason, null, false, false);
        }
    }

    private final Node node;
    private final int opset;
    private final Map<String, TensorValue> initializers;
    private final Set<String> overwritable;
    private final Map<Integer, Use> uses = new TreeMap<>();

    NodeContext(Node node, int opset, Map<String, TensorValue> initializers, Set<String> overwritable) {
        this.node = node;
        this.opset = opset;
        this.initializers = initializers;
        this.overwritable = overwritable;
    }

    Node node() {
        return node;
    }

    int opset() {
        return opset;
    }

    Map<Integer, Use> uses() {
        return uses;
    }

    Refused refuse(String reason) {
        return new Refused(reason);
    }

    void require(boolean supported, String reason) {
        if (!supported) {
            throw refuse(reason);
        }
    }

    /** The value of an input that is an initializer; the node still reads it from its slot. */
    Optional<TensorValue> initializer(int position) {
        return Optional.ofNullable(initializers.get(node.input(position)));
    }

    /** The value of an input that must be known while compiling; empty where the input is left out. */
    Optional<TensorValue> constant(int position, String what) {
        if (!node.hasInput(position)) {
            return Optional.empty();
        }
        TensorValue value = initializers.get(node.input(position));
        require(value != null, what + " must be a constant, but '" + node.input(position) + "' is computed");
        uses.put(position, Use.COMPILED);
        return Optional.of(value);
    }

    /** Declares that training changes an input, if that is an initializer. */
    void weight(int position) {
        declare(position, Use.WEIGHT);
    }

    /** As {@link #weight}, without weight decay. */
    void bias(int position) {
        declare(position, Use.BIAS);
    }

    /** As {@link #weight}, for inputs that may also be initializers of integers, which stay as they are. */
    void weightIfFloat(int position) {
        if (initializer(position).filter(v -> v.type() == ElementType.FLOAT).isPresent()) {
            weight(position);
        }
    }

    /**
     * As {@link #bias}, where the input is an initializer of several floats, such as a scale, a position embedding or a class
     * token; a single number, such as the 0.5 of a decomposed Gelu, stays as it is.
     */
    void biasIfVector(int position) {
        if (initializer(position)
                .filter(v -> v.size() > 1 && v.type() == ElementType.FLOAT)
                .isPresent()) {
            bias(position);
        }
    }

    /** Declares that the node changes an initializer itself. */
    void statistic(int position) {
        require(initializer(position).isPresent(), "input " + position + " must be an initializer");
        declare(position, Use.STATISTIC);
    }

    private void declare(int position, Use use) {
        TensorValue value = initializers.get(node.input(position));
        if (value == null) {
            return;
        }
        require(
                value.type() == ElementType.FLOAT,
                "tensor '" + node.input(position) + "' holds " + value.type() + "; only FLOAT can be trained");
        uses.put(position, use);
    }

    /** Integers given by an input, or by the attribute that older operator sets have instead. */
    Longs longs(String attribute, int position) {
        if (node.hasInput(position)) {
            Optional<TensorValue> value = initializer(position);
            if (value.isPresent()) {
                long[] known = value.get().longs();
                uses.put(position, Use.COMPILED);
                return frame -> known;
            }
            return frame -> Native.toLongs(frame.in(position));
        }
        long[] known = node.attribute(attribute).isPresent() ? node.integers(attribute) : null;
        return known == null ? null : frame -> known;
    }

    /** As {@link #longs}, but known while compiling; null where neither is given. */
    long[] knownLongs(String attribute, int position, String what) {
        Optional<TensorValue> value = constant(position, what);
        if (value.isPresent()) {
            return value.get().longs();
        }
        return node.attribute(attribute).isPresent() ? node.integers(attribute) : null;
    }

    /** A number given by an input, or by the attribute that older operator sets have instead. */
    double number(String attribute, int position, double fallback) {
        Optional<TensorValue> value = constant(position, attribute);
        if (value.isPresent()) {
            return value.get().scalarFloat();
        }
        return node.attribute(attribute).map(a -> (double) a.getF()).orElse(fallback);
    }

    /**
     * Whether the node may write its result over an input: nothing else reads that tensor, and the gradient of the node that
     * made it does not need it.
     */
    boolean overwritable(int position) {
        return overwritable.contains(node.input(position));
    }
}
