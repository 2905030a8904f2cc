package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.Map;

/** One node during shape inference: what is known of its inputs, and where its rule puts the outputs. */
final class OpContext {

    private final Node node;
    private final int opset;
    private final Map<String, ValueInfo> infos;
    private final Map<String, KnownValue> known;
    private final Map<String, TensorValue> constants;

    OpContext(
            Node node,
            int opset,
            Map<String, TensorValue> constants,
            Map<String, ValueInfo> infos,
            Map<String, KnownValue> known) {
        this.node = node;
        this.opset = opset;
        this.constants = constants;
        this.infos = infos;
        this.known = known;
    }

    Node node() {
        return node;
    }

    int opset() {
        return opset;
    }

    int inputs() {
        return node.inputs().size();
    }

    int outputs() {
        return node.outputs().size();
    }

    boolean has(int position) {
        return node.hasInput(position);
    }

    long[] shape(int position) {
        return info(position).shape();
    }

    ElementType type(int position) {
        return info(position).type();
    }

    int rank(int position) {
        return shape(position).length;
    }

    private ValueInfo info(int position) {
        if (!has(position)) {
            throw fail("lacks its input " + position);
        }
        ValueInfo info = infos.get(node.input(position));
        if (info == null) {
            throw fail("reads tensor '" + node.input(position) + "', whose shape is not known");
        }
        return info;
    }

    /** @return null where the elements depend on the data, or are many */
    KnownValue known(int position) {
        String name = node.input(position);
        KnownValue value = known.get(name);
        // Constants are decoded when a rule asks for them: most are weights, which none does.
        if (value == null && constants.containsKey(name)) {
            value = KnownValue.of(constants.get(name)).orElse(null);
            if (value != null) {
                known.put(name, value);
            }
        }
        return value;
    }

    /** Elements of an input that the output's shape depends on. */
    long[] longs(int position, String meaning) {
        KnownValue value = known(position);
        if (value == null) {
            throw fail("takes its " + meaning + " from tensor '" + node.input(position)
                    + "', which depends on the data; the shape must follow from the input's shape");
        }
        return value.longs();
    }

    double[] doubles(int position, String meaning) {
        longs(position, meaning);
        return known(position).values();
    }

    /** An attribute of older operator sets that is an input in newer ones; null where neither is given. */
    long[] attributeOrInput(String name, int position) {
        if (has(position)) {
            return longs(position, name);
        }
        return node.attribute(name).isPresent() ? node.integers(name) : null;
    }

    /** A possibly negative axis as an index. */
    int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw fail("has axis " + axis + " for a tensor of " + rank + " dimensions");
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    void output(int position, ElementType type, long... shape) {
        String name = node.output(position);
        if (name.isEmpty()) {
            return;
        }
        if (shape.length > GraphChecks.MOST_DIMENSIONS) {
            throw fail("would make tensor '" + name + "' of " + shape.length + " dimensions");
        }
        long elements = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw fail("would make tensor '" + name + "' of shape " + Arrays.toString(shape)
                        + "; its input is too small or of the wrong shape " + inputShapes());
            }
            elements = Math.multiplyExact(elements, dimension);
        }
        infos.put(name, new ValueInfo(name, type, shape));
    }

    void value(int position, KnownValue value) {
        String name = node.output(position);
        if (value != null && !name.isEmpty() && KnownValue.isSmall(value.shape())) {
            known.put(name, value);
        }
    }

    private String inputShapes() {
        StringBuilder text = new StringBuilder("(");
        for (int i = 0; i < inputs(); i++) {
            text.append(i == 0 ? "" : ", ").append(has(i) ? info(i) : "none");
        }
        return text.append(")").toString();
    }

    BadInputException fail(String problem) {
        return new BadInputException("node '" + node.label() + "' (" + node.op() + ") " + problem);
    }

    /**
     * Where the weights of a layer are for other inputs than come in.
     *
     * @param weightInput position of the weights among the node's inputs
     * @param expected channels, or elements of a row, that the weights are for
     * @param found how many the node's first input has
     */
    MisfitException misfit(int weightInput, long expected, long found) {
        return new MisfitException(fail("has weights '" + node.input(weightInput) + "' "
                                + Arrays.toString(shape(weightInput)) + " for " + expected
                                + " input channels, but tensor '"
                                + node.input(0) + "' has " + found)
                        .getMessage()
                + "; mend the weights, or what comes before, and export the model again");
    }

    BadInputException mismatch() {
        return fail("cannot combine the shapes of its inputs " + inputShapes());
    }
}
