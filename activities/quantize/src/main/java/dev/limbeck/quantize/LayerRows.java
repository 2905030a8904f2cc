package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.Random;

/**
 * Reads what goes into a layer of the network quantized so far, unfolded, and what comes out of that layer of the float network, at
 * random output positions of all images.
 *
 * <p>Rows are handed over in chunks, and no more of them than {@link #ELEMENTS} numbers take: memory does not grow with the number
 * of images.
 */
final class LayerRows {

    /** Numbers that the rows of one layer may take: 128 MB. */
    private static final int ELEMENTS = 1 << 25;

    /** More positions than these tell nothing new about a row of weights. */
    private static final int MAX_ROWS = 1 << 13;

    /** Takes a chunk; the tensors are freed afterwards, unless kept. */
    interface Consumer {
        /**
         * @param inputs [groups, rows, inputs]
         * @param outputs [rows, channels], before the activation
         */
        void accept(Tensor inputs, Tensor outputs);
    }

    private final Node node;
    private final WeightMatrix matrix;
    private final long[] weightShape;
    private final int chunk;
    private final Random random;
    private float[] inputs;
    private float[] outputs;
    private int filled;

    /** @param chunk rows of a chunk; fewer where the images do not have as many positions */
    LayerRows(Node node, WeightMatrix matrix, long[] weightShape, int chunk, long seed) {
        this.node = node;
        this.matrix = matrix;
        this.weightShape = weightShape;
        this.chunk = chunk;
        this.random = new Random(seed);
    }

    /** @param current the network with the weights before this layer rounded */
    void forEachChunk(Frontier frontier, Graph current, Consumer consumer) {
        frontier.forEachBatch(
                current, node.input(0), node.output(0), (in, out, share) -> sample(in, out, share, consumer));
        if (filled > 0) {
            emit(consumer);
        }
    }

    private void sample(FloatTensor in, FloatTensor out, double share, Consumer consumer) {
        Unfolding unfolding = Unfolding.of(node, weightShape, in.shape(), out.shape());
        int positions = unfolding.positions();
        int[] candidates = new int[in.batch() * positions];
        for (int i = 0; i < candidates.length; i++) {
            candidates[i] = i;
        }
        int rowSize = matrix.groups() * matrix.inputs() + matrix.channels();
        int wanted = (int) Math.ceil(share * Math.min(MAX_ROWS, ELEMENTS / rowSize));
        int taken = Math.min(candidates.length, Math.max(1, wanted));
        for (int i = 0; i < taken; i++) {
            int other = i + random.nextInt(candidates.length - i);
            int drawn = candidates[other];
            candidates[other] = candidates[i];
            add(unfolding, in.data(), out.data(), drawn / positions, drawn % positions);
            if (filled == chunk) {
                emit(consumer);
            }
        }
    }

    private void add(Unfolding unfolding, float[] in, float[] out, int image, int position) {
        int groups = matrix.groups();
        int width = matrix.inputs();
        int channels = matrix.channels();
        if (inputs == null) {
            inputs = new float[groups * chunk * width];
            outputs = new float[chunk * channels];
        }
        int channelsOfGroup = unfolding.channels() / groups;
        for (int g = 0; g < groups; g++) {
            int from = (g * chunk + filled) * width;
            unfolding.copy(in, image, position, g * channelsOfGroup, channelsOfGroup, inputs, from);
        }
        int positions = unfolding.positions();
        boolean channelsLast = unfolding.step() == 1 && !node.op().startsWith("Conv");
        for (int c = 0; c < channels; c++) {
            outputs[filled * channels + c] = channelsLast
                    ? out[(image * positions + position) * channels + c]
                    : out[(image * channels + c) * positions + position];
        }
        filled++;
    }

    private void emit(Consumer consumer) {
        int rows = filled;
        filled = 0;
        try (TensorScope scope = TensorScope.open()) {
            Tensor all = Tensor.of(inputs, matrix.groups(), chunk, matrix.inputs());
            Tensor targets = Tensor.of(outputs, chunk, matrix.channels());
            if (rows < chunk) {
                all = all.narrow(1, 0, rows);
                targets = targets.narrow(0, 0, rows);
            }
            consumer.accept(all, targets);
        }
    }
}
