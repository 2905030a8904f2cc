package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Divergence;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import java.util.function.ToDoubleFunction;

/** How far a quantized network's first output is from the float network's; 0 where both are the same. */
public enum OutputLoss {
    /** The mean Kullback-Leibler divergence of the softmax of the outputs, in nats: for logits, [items, classes]. */
    KL,
    /** The power of the error over that of the output: for outputs of any kind. */
    MSE;

    /** {@link #KL} where the network gives logits, else {@link #MSE}. */
    public static OutputLoss suiting(Graph network, Items images) {
        FloatTensor output = Inference.run(network, images.slice(0, 1), 1, SessionOptions.defaults());
        return output.shape().length == 2 && output.itemSize() > 1 ? KL : MSE;
    }

    double of(FloatTensor expected, FloatTensor actual) {
        return switch (this) {
            case KL -> Divergence.of(expected, actual);
            case MSE -> Math.pow(10, -LayerSensitivity.sqnr(expected.data(), actual.data()) / 10);
        };
    }

    /**
     * Of networks against this one, computed as their files say, in floats: integer kernels of processors without VNNI saturate, which is
     * no matter of bits.
     */
    ToDoubleFunction<Graph> against(Graph network, Items images, SessionOptions options) {
        SessionOptions session = options.withConfig("session.disable_quant_qdq", "1");
        int batch = ActivationRanges.batch(images);
        FloatTensor expected = Inference.run(network, images, batch, session);
        return quantized -> of(expected, Inference.run(quantized, images, batch, session));
    }
}
