package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.tensor.Parameter;
import dev.limbeck.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What a network learns in the form in which it will be quantized.
 *
 * @param task without quantization
 * @param quantized from the graph that is trained to the network that is judged
 * @param cost that is added to the loss
 * @param weighed what the cost depends on besides the graph: another makes another training, whose checkpoints are its own
 */
record QuantizingTask(
        Task task, UnaryOperator<Graph> quantized, Function<List<Parameter>, Optional<Tensor>> cost, String weighed)
        implements Task {

    @Override
    public String label() {
        return task.label();
    }

    @Override
    public int items() {
        return task.items();
    }

    @Override
    public String digest() {
        return task.digest() + weighed;
    }

    @Override
    public FloatTensor input(int[] items, Random random) {
        return task.input(items, random);
    }

    @Override
    public Tensor loss(Tensor output, int[] items) {
        return task.loss(output, items);
    }

    @Override
    public Optional<Tensor> penalty(List<Parameter> parameters) {
        return cost.apply(parameters);
    }

    @Override
    public double validate(Graph graph) {
        return task.validate(quantized.apply(graph));
    }
}
