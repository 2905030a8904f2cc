package dev.limbeck.tensor;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import java.util.Set;
import java.util.TreeSet;

/**
 * A small graph that shows one mode of an operator, and what is promised of it.
 *
 * @param operator the operator by ONNX's name
 * @param mode what is special about the node; empty where everything has its default
 * @param first the oldest operator set in which the node has this meaning, not below 9
 * @param last the newest, not above 23
 * @param difference how far from ONNX Runtime the output may be
 * @param smooth whether finite differences give the gradient: false for operators that round, compare or choose
 */
record Case(
        String operator,
        String mode,
        Graph graph,
        FloatTensor input,
        int first,
        int last,
        Difference difference,
        boolean smooth) {

    /** The largest difference from ONNX Runtime, as a part of the largest output. */
    enum Difference {
        NONE("none", 0),
        HUNDRED_THOUSANDTH("≤ 1e-5", 1e-5f);

        private final String text;
        private final float bound;

        Difference(String text, float bound) {
            this.text = text;
            this.bound = bound;
        }

        String text() {
            return text;
        }

        float bound() {
            return bound;
        }
    }

    /** The operator sets in which the graph is tried: the oldest and the newest of the same meaning. */
    Set<Integer> operatorSets() {
        return new TreeSet<>(Set.copyOf(first == last ? Set.of(first) : Set.of(first, last)));
    }

    Graph graph(int operatorSet) {
        ModelProto.Builder model = graph.proto().toBuilder();
        model.getOpsetImportBuilder(0).setVersion(operatorSet);
        return Graph.of(model.build());
    }

    @Override
    public String toString() {
        return (operator + " " + mode).strip() + ", operator set " + first + (first == last ? "" : " to " + last);
    }
}
