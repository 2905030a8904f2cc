package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import dev.limbeck.tensor.Threads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes the means and variances of batch normalizations anew: for a network that was put together from separately trained blocks,
 * or whose weights were averaged.
 */
public final class BatchNormReestimation {

    private static final int BATCH = 128;
    private static final String BATCH_NORMALIZATION = "BatchNormalization";

    private BatchNormReestimation() {}

    /**
     * Sets the statistics to their mean over batches of 128 images; weights stay as they are.
     *
     * @param images how many of the dataset are used, from its first on; what does not fill a batch is left out
     * @throws BadInputException if the graph cannot be run by the executor, or does not fit the images
     */
    public static Graph reestimate(Graph graph, ImageDataset dataset, int images) {
        ImageDataset sample = dataset.take(images).fitting(graph);
        if (sample.size() == 0) {
            throw new BadInputException("statistics of batch normalizations need at least one image");
        }
        Threads.limitTo(1);
        return reestimate(graph, sample.images(), BATCH);
    }

    /** As above, on what the network is fed, with as many threads as the caller has set. */
    static Graph reestimate(Graph graph, FloatTensor inputs, int wantedBatch) {
        List<Node> normalizations = normalizations(graph);
        if (normalizations.isEmpty()) {
            return graph;
        }
        int batch = Math.min(wantedBatch, inputs.batch());
        // With a momentum of 0 the running statistics after a run are those of its batch.
        try (GraphExecutor executor = GraphExecutor.compile(withMomentum(graph, node -> 0f))) {
            List<String> names = new ArrayList<>();
            normalizations(executor.graph()).forEach(n -> names.addAll(List.of(n.input(3), n.input(4))));
            Map<String, double[]> sums = new LinkedHashMap<>();
            int batches = inputs.batch() / batch;
            for (int i = 0; i < batches; i++) {
                try (TensorScope scope = TensorScope.open()) {
                    executor.forward(Tensor.of(inputs.slice(i * batch, (i + 1) * batch)), Mode.TRAIN);
                }
                Map<String, FloatTensor> state = executor.state();
                names.forEach(name -> add(sums, name, state.get(name).data()));
            }
            GraphEditor editor = executor.graph().edit();
            sums.forEach((name, sum) -> editor.initializer(name, mean(sum, batches)));
            return withMomentum(editor.build(), node -> momentumOf(normalizations, node));
        }
    }

    private static List<Node> normalizations(Graph graph) {
        return graph.nodes().stream()
                .filter(n -> n.op().equals(BATCH_NORMALIZATION))
                .toList();
    }

    private static float momentumOf(List<Node> originals, Node node) {
        return originals.stream()
                .filter(o -> o.output(0).equals(node.output(0)))
                .findFirst()
                .orElseThrow()
                .number("momentum", 0.9f);
    }

    private static Graph withMomentum(Graph graph, java.util.function.Function<Node, Float> momentum) {
        GraphEditor editor = graph.edit();
        normalizations(graph).forEach(node -> editor.replace(node, node.withNumber("momentum", momentum.apply(node))));
        return editor.build();
    }

    private static void add(Map<String, double[]> sums, String name, float[] values) {
        double[] sum = sums.computeIfAbsent(name, n -> new double[values.length]);
        for (int i = 0; i < values.length; i++) {
            sum[i] += values[i];
        }
    }

    private static TensorValue mean(double[] sum, int count) {
        float[] mean = new float[sum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] / count);
        }
        return TensorValue.ofFloats(mean, mean.length);
    }
}
