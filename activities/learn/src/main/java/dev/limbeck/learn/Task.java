package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.tensor.Parameter;
import dev.limbeck.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What a network learns: the items, and how wrong it is about them. */
interface Task {

    /** What progress calls this work. */
    String label();

    int items();

    /** Tells this task from every other one, so that a checkpoint is not taken up by the wrong training. */
    String digest();

    /** What the network is fed: [items.length, ...]. */
    FloatTensor input(int[] items, Random random);

    /** A scalar. */
    Tensor loss(Tensor output, int[] items);

    /** What is added to the loss, a scalar of what is trained; empty for nothing. */
    default Optional<Tensor> penalty(List<Parameter> parameters) {
        return Optional.empty();
    }

    /** A fraction, 1 being best, on data kept apart; NaN where there are none. */
    double validate(Graph graph);
}
