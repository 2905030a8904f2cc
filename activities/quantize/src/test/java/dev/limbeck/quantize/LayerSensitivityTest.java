package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.schemas.Progress;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerSensitivityTest {

    @Test
    void aLayerOnTheGridCostsNothing() {
        Graph network = Quantizer.prepare(TestNetworks.residual("Relu", 1));
        Node exact = network.nodes().stream()
                .filter(node -> node.op().equals("Conv"))
                .skip(1)
                .findFirst()
                .orElseThrow();
        TensorValue weight = network.initializers().get(exact.input(1));
        float[] values = weight.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 37 % 255 - 127; // whole numbers from -127 to 127 are what 8 bits hold
        }
        GraphEditor editor = network.edit();
        editor.initializer(exact.input(1), TensorValue.ofFloats(values, weight.shape()));
        List<LayerSensitivity.Layer> layers = LayerSensitivity.measure(
                editor.build(),
                TestNetworks.images(16, 1),
                QuantizeOptions.builder()
                        .granularity(Granularity.PER_TENSOR)
                        .activations(NumberFormat.FLOAT32)
                        .build(),
                Progress.NONE);
        assertThat(layers).isSortedAccordingTo(Comparator.comparingDouble(LayerSensitivity.Layer::sqnr));
        assertThat(layers.getLast().name()).isEqualTo(exact.label());
        assertThat(layers.getLast().sqnr()).isGreaterThan(100);
        assertThat(layers.getFirst().sqnr()).isBetween(10.0, 60.0);
    }
}
