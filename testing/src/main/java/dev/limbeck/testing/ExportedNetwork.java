package dev.limbeck.testing;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Small networks of what common ones consist of, as exporters write them: {@code exported/export_torch.py} and
 * {@code exported/export_keras.py}. All take any batch of one input.
 */
public enum ExportedNetwork {
    /** PyTorch's exporter that traces with torch.export: inverted residuals with squeeze-and-excitation, and a bilinear resize. */
    TORCH_MOBILE("torch-dynamo-mobile-18"),
    /** The same without its optimizer: batch norms are nodes. */
    TORCH_MOBILE_KEPT("torch-dynamo-mobile-kept-20"),
    /** The same by the exporter before it. */
    TORCH_SCRIPT_MOBILE_KEPT("torch-script-mobile-kept-17"),
    /** Patches, attention, GELU, and a layer of PyTorch's own. */
    TORCH_TRANSFORMER("torch-dynamo-transformer-18"),
    /** The same in an operator set that has Attention and RMSNormalization. */
    TORCH_TRANSFORMER_23("torch-dynamo-transformer-23"),
    /** LSTM in both directions, then GRU. */
    TORCH_RECURRENT("torch-dynamo-recurrent-18"),
    /** tf2onnx: channels last, and transposed around convolutions. */
    KERAS_MOBILE("keras-mobile-13"),
    KERAS_TRANSFORMER("keras-transformer-15"),
    KERAS_RECURRENT("keras-recurrent-17");

    private final String name;

    ExportedNetwork(String name) {
        this.name = name;
    }

    public Graph graph() {
        try (InputStream in = ThirdPartyNetwork.open("exported/" + name + ".onnx")) {
            return Graph.parse(in.readAllBytes(), name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Normally distributed, as the statistics of the networks' batch norms are. @param items of the batch */
    public Map<String, FloatTensor> inputs(int items) {
        ValueInfo input = graph().inputs().getFirst().withDynamic(items);
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[Math.toIntExact(TensorValue.elements(input.shape()))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Map.of(input.name(), new FloatTensor(values, input.shape()));
    }
}
