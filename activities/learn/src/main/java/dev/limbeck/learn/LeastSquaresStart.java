package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.SessionOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Solves for the last convolution of each residual layer of a random block before its training begins, which spares most of the
 * first steps.
 *
 * <p>A layer is taken to end in a 1x1 convolution without bias and a batch normalization; its residual, if any, is added after. From
 * the first layer to the last, the convolution's weights become the least-squares solution from its own input to what the teacher
 * gives and the layers before do not; the normalization is set to pass it unchanged. Blocks of another make stay as they are.
 */
final class LeastSquaresStart {

    private static final int POSITIONS = 8_192;
    private static final int MIN_ITEMS = 64;
    private static final int MAX_ITEMS = 512;
    private static final int BATCH = 128;

    /** Length of a row of weights as the random start has it on average (He et al. 2015); under the normalization any will do. */
    private static final double ROW_NORM = Math.sqrt(2);

    private final String input;
    private final FloatTensor inputs;
    private final FloatTensor outputs;
    private Graph block;

    private LeastSquaresStart(Graph block, FloatTensor inputs, FloatTensor outputs) {
        this.block = BatchNormReestimation.reestimate(block, inputs, BATCH);
        this.input = block.inputs().getFirst().name();
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /** The end of a residual layer; {@code residual} is the tensor that is added after it, if there is one. */
    private record Layer(Node convolution, Node normalization, Optional<String> residual) {}

    /**
     * @param inputs [items, channels, height, width]; the first few hundred are used
     * @param outputs of the teacher for them: [items, channels, height, width]
     */
    static Graph of(Graph block, FloatTensor inputs, FloatTensor outputs) {
        if (outputs.shape().length != 4) {
            return block;
        }
        int positions = ChannelMoments.inner(outputs);
        int wanted = Math.clamp(POSITIONS / positions, MIN_ITEMS, MAX_ITEMS);
        int items = Math.min(wanted, inputs.batch());
        LeastSquaresStart start = new LeastSquaresStart(block, inputs.slice(0, items), outputs.slice(0, items));
        start.layers().reversed().forEach(start::solve);
        return start.block;
    }

    /** From the last to the first. */
    private List<Layer> layers() {
        List<Layer> layers = new ArrayList<>();
        String tensor = beforeRelu(block.outputs().getFirst().name());
        while (!tensor.equals(input)) {
            Node node = block.producer(tensor).orElseThrow();
            boolean sum = node.op().equals("Add");
            Optional<Node> normalization = sum ? block.producer(node.input(0)) : Optional.of(node);
            Optional<Node> convolution = normalization
                    .filter(n -> n.op().equals("BatchNormalization"))
                    .flatMap(n -> block.producer(n.input(0)))
                    .filter(this::isPointwise);
            if (convolution.isEmpty()) {
                return layers;
            }
            layers.add(new Layer(
                    convolution.get(), normalization.get(), sum ? Optional.of(node.input(1)) : Optional.empty()));
            if (!sum) {
                return layers;
            }
            tensor = node.input(1);
        }
        return layers;
    }

    /** A block may end in a ReLU; the linear fit to what comes after it is a good start for what goes in. */
    private String beforeRelu(String tensor) {
        return block.producer(tensor)
                .filter(n -> n.op().equals("Relu") || n.op().equals("Clip"))
                .map(n -> n.input(0))
                .orElse(tensor);
    }

    private boolean isPointwise(Node node) {
        return node.op().equals("Conv")
                && node.inputs().size() == 2
                && Arrays.equals(node.integers("kernel_shape"), new long[] {1, 1})
                && Arrays.stream(node.integers("strides", 1, 1)).allMatch(s -> s == 1)
                && node.integer("group", 1) == 1
                && block.producer(node.input(0)).isPresent();
    }

    private void solve(Layer layer) {
        List<String> tensors = new ArrayList<>(List.of(layer.convolution().input(0)));
        layer.residual().filter(r -> !r.equals(input)).ifPresent(tensors::add);
        Map<String, FloatTensor> made = Activations.collect(block, tensors, inputs, BATCH, SessionOptions.defaults());
        FloatTensor features = made.get(layer.convolution().input(0));
        FloatTensor target = layer.residual()
                .map(r -> minus(outputs, r.equals(input) ? inputs : made.get(r)))
                .orElse(outputs);
        LinearFit fit = LinearFit.of(features, target, POSITIONS);
        int out = fit.weights().length;
        int in = fit.weights()[0].length;
        float[] weights = new float[out * in];
        float[] scale = new float[out];
        float[] shift = new float[out];
        for (int o = 0; o < out; o++) {
            double norm =
                    Math.sqrt(Arrays.stream(fit.weights()[o]).map(w -> w * w).sum());
            double factor = norm > 0 ? ROW_NORM / norm : 0;
            for (int i = 0; i < in; i++) {
                weights[o * in + i] = (float) (fit.weights()[o][i] * factor);
            }
            scale[o] = (float) fit.deviations()[o];
            shift[o] = (float) fit.means()[o];
        }
        GraphEditor editor = block.edit();
        editor.initializer(layer.convolution().input(1), TensorValue.ofFloats(weights, out, in, 1, 1));
        editor.initializer(layer.normalization().input(1), TensorValue.ofFloats(scale, out));
        editor.initializer(layer.normalization().input(2), TensorValue.ofFloats(shift, out));
        block = BatchNormReestimation.reestimate(editor.build(), inputs, BATCH);
    }

    private static FloatTensor minus(FloatTensor a, FloatTensor b) {
        float[] difference = new float[a.data().length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = a.data()[i] - b.data()[i];
        }
        return new FloatTensor(difference, a.shape());
    }
}
