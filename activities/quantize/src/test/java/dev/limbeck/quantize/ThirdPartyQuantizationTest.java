package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.testing.ExportedNetwork;
import dev.limbeck.testing.ThirdPartyNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that others trained and exported are quantized, and still do what they did; docs/third-party.md has all figures. */
class ThirdPartyQuantizationTest {

    /** The networks take any batch; a few items tell enough. */
    private static final int ITEMS = 2;

    private static final int EXPORTED_ITEMS = 32;

    /** The least SQNR and agreement are those seen, less a margin; all but the last matrix product of a Gemm run on integers. */
    @ParameterizedTest
    @CsvSource({
        "DETECTOR_V3, 5, 0.5, 0.9",
        "RECOGNISER_V4, 5, 0.7, 0.9",
        "CLASSIFIER, 15, 1, 0.98",
        "SENTENCE_EMBEDDING, 5, 0.95, 0.9"
    })
    void outputsStayClose(ThirdPartyNetwork network, double decibels, double agreement, double integers) {
        Items items = new Items(network.inputs()).slice(0, ITEMS);
        assertClose(network, items, QuantizeOptions.defaults(), decibels, agreement, integers);
    }

    @Test
    void aFewActivationsInFloatsBringItCloser() {
        Items items = new Items(ThirdPartyNetwork.CLASSIFIER.inputs()).slice(0, ITEMS);
        QuantizeOptions options = QuantizeOptions.builder().minimumSqnr(30).build();
        assertClose(ThirdPartyNetwork.CLASSIFIER, items, options, 30, 1, 0.6);
    }

    /** By PyTorch's exporters, and by tf2onnx; recurrent layers and Attention stay in floats. */
    @ParameterizedTest
    @CsvSource({
        "TORCH_MOBILE, 25, 0.98",
        "TORCH_MOBILE_KEPT, 25, 0.98",
        "TORCH_SCRIPT_MOBILE_KEPT, 25, 0.98",
        "TORCH_TRANSFORMER, 25, 0.98",
        "TORCH_TRANSFORMER_23, 25, 0.8",
        "TORCH_RECURRENT, 25, 0",
        "KERAS_MOBILE, 25, 0.98",
        "KERAS_TRANSFORMER, 25, 0.98",
        "KERAS_RECURRENT, 25, 0"
    })
    void whateverExportedThem(ExportedNetwork network, double decibels, double integers) {
        Graph graph = network.graph();
        Items items = new Items(network.inputs(EXPORTED_ITEMS));
        Graph quantized = Quantizer.quantize(graph, items, QuantizeOptions.defaults(), Progress.NONE)
                .graph();
        FloatTensor expected = Inference.run(graph, items, EXPORTED_ITEMS, SessionOptions.defaults());
        FloatTensor actual = Inference.run(quantized, items, EXPORTED_ITEMS, QuantizerTest.EXACT);

        assertThat(LayerSensitivity.sqnr(expected.data(), actual.data())).isGreaterThan(decibels);
        assertThat(KernelCoverage.of(quantized, SessionOptions.defaults()).share())
                .isGreaterThanOrEqualTo(integers);
    }

    private static void assertClose(
            ThirdPartyNetwork network,
            Items items,
            QuantizeOptions options,
            double decibels,
            double agreement,
            double integers) {
        Graph graph = network.graph();
        Graph quantized =
                Quantizer.quantize(graph, items, options, Progress.NONE).graph();
        FloatTensor expected = Inference.run(graph, items, 1, SessionOptions.defaults());
        FloatTensor actual = Inference.run(quantized, items, 1, QuantizerTest.EXACT);

        assertThat(quantized.toBytes().length).isLessThan((int) (0.7 * graph.toBytes().length));
        assertThat(LayerSensitivity.sqnr(expected.data(), actual.data())).isGreaterThan(decibels);
        assertThat(network.agreement(items.inputs(), expected, actual)).isGreaterThanOrEqualTo(agreement);
        assertThat(KernelCoverage.of(quantized, SessionOptions.defaults()).share())
                .isGreaterThan(integers);
    }
}
