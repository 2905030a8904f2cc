package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.runtime.Inference;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Post-training quantization: from a float network and a few hundred images to a network of integer kernels. */
public final class Quantizer {

    /** Per-channel dequantization came with opset 13. */
    private static final int OPSET = 13;

    private static final int OLDEST_OPSET = 11;

    /** Operators whose meaning changed between {@link #OLDEST_OPSET} and {@link #OPSET}. */
    private static final Set<String> CHANGED =
            Set.of("Softmax", "LogSoftmax", "Squeeze", "Unsqueeze", "ReduceSum", "Split");

    private static final int IMAGES_TO_COMPARE = 256;

    /** Share of the outputs' power by which a network may change when its Clips become ReLUs: 20 dB. */
    private static final double TOLERATED_NOISE = 0.01;

    private Quantizer() {}

    /** As {@link #quantize(Graph, FloatTensor, QuantizeOptions, Progress)}, saying nothing. */
    public static Quantized quantize(Graph network, FloatTensor calibrationImages, QuantizeOptions options) {
        return quantize(network, calibrationImages, options, Progress.NONE);
    }

    /**
     * The same network, images and options give the same bytes.
     *
     * @param network of floats with one input
     * @param calibrationImages [images, ...] as the network's input; labels are not needed, a few hundred are enough
     * @throws BadInputException if the network has several inputs or is quantized already, or the images do not fit it
     */
    public static Quantized quantize(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, Progress progress) {
        check(network, calibrationImages);
        List<String> steps = new ArrayList<>();
        Graph prepared = prepare(network, calibrationImages, options, steps);
        QuantizationPlan plan = new QuantizationPlan(prepared, options);
        Map<String, ValueRange> ranges =
                new ActivationRanges(prepared, calibrationImages, options, progress).collect(plan.toCalibrate());
        steps.add("ranges of " + ranges.size() + " activations from " + calibrationImages.batch() + " images ("
                + options.calibration() + ")");
        Map<String, Encoding> encodings = ActivationEncodings.choose(plan, ranges);
        if (options.biasCorrection()) {
            prepared = new BiasCorrection(plan, encodings, options, calibrationImages, progress).correct(prepared);
            steps.add("biases corrected layer by layer");
        }
        Graph quantized = new QdqWriter(prepared, plan, encodings, options).write();
        steps.add(options.weights() + " weights, " + options.granularity().describe());
        return new Quantized(quantized, encodings, steps);
    }

    private static Graph prepare(Graph network, FloatTensor images, QuantizeOptions options, List<String> steps) {
        Graph prepared =
                network.opset() < OPSET ? network.edit().requireOpset(OPSET).build() : network;
        prepared = Canonicalization.of(prepared);
        steps.add("batch norms folded");
        if (options.equalize()) {
            prepared = equalized(prepared, images, options, steps);
        }
        return options.biasCorrection() ? BiasCorrection.withBiases(prepared) : prepared;
    }

    /** Equalizes through ReLU6 where the network does not need its bound, which the calibration images tell. */
    private static Graph equalized(Graph network, FloatTensor images, QuantizeOptions options, List<String> steps) {
        Graph unbounded = Equalization.equalizeThroughClips(network);
        FloatTensor few = images.slice(0, Math.min(images.batch(), IMAGES_TO_COMPARE));
        int batch = ActivationRanges.batch(images);
        float[] expected = Inference.run(network, few, batch, options.session()).data();
        float[] actual = Inference.run(unbounded, few, batch, options.session()).data();
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.length; i++) {
            signal += expected[i] * (double) expected[i];
            noise += (expected[i] - actual[i]) * (double) (expected[i] - actual[i]);
        }
        if (noise <= TOLERATED_NOISE * signal) {
            steps.add("layers equalized, through Clips turned into ReLUs");
            return unbounded;
        }
        steps.add("layers equalized, except through Clips, whose bounds the network needs");
        return Equalization.equalize(network);
    }

    private static void check(Graph network, FloatTensor images) {
        String label = "network '" + network.name() + "'";
        if (network.inputs().size() != 1) {
            throw new BadInputException(label + " has " + network.inputs().size()
                    + " inputs; only networks with one input can be quantized");
        }
        if (network.inputs().getFirst().type() != ElementType.FLOAT) {
            throw new BadInputException(label + " takes " + network.inputs().getFirst()
                    + "; only networks with a float input can be quantized");
        }
        if (images.shape().length == 0 || images.batch() == 0) {
            throw new BadInputException(label + ": no calibration images were given; a few hundred are enough");
        }
        for (Node node : network.nodes()) {
            if (node.op().equals("QuantizeLinear") || node.op().equals("DequantizeLinear")) {
                throw new BadInputException(
                        label + " is quantized already (node '" + node.label() + "'); give the float network");
            }
            if (network.opset() < OPSET && CHANGED.contains(node.op())) {
                throw new BadInputException(label + ": node '" + node.label() + "' uses '" + node.op() + "' of opset "
                        + network.opset() + "; export the network with opset " + OPSET + " or newer");
            }
        }
        if (network.opset() < OLDEST_OPSET) {
            throw new BadInputException(
                    label + " uses opset " + network.opset() + "; export it with opset " + OPSET + " or newer");
        }
    }
}
