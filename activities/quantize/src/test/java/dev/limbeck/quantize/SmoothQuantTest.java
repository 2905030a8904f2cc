package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SmoothQuantTest {

    private static final FloatTensor ITEMS = TransformerNetworks.items(64, 1);
    private static final QuantizeOptions PLAIN = QuantizeOptions.defaults();
    private static final QuantizeOptions SMOOTH =
            QuantizeOptions.builder().smoothQuant(0.5).build();

    static Stream<Graph> networks() {
        return Stream.of(TransformerNetworks.preNorm(1), TransformerNetworks.postNorm(2));
    }

    /** Power of the difference of the outputs over that of the outputs, on items that were not calibrated on. */
    private static double noise(Graph expected, Graph actual) {
        FloatTensor items = TransformerNetworks.items(64, 2);
        float[] a =
                Inference.run(expected, items, 32, SessionOptions.defaults()).data();
        float[] b = Inference.run(actual, items, 32, SessionOptions.defaults()).data();
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < a.length; i++) {
            signal += a[i] * (double) a[i];
            noise += (a[i] - b[i]) * (double) (a[i] - b[i]);
        }
        return noise / signal;
    }

    @ParameterizedTest
    @MethodSource("networks")
    void theFloatFunctionStays(Graph network) {
        SmoothQuant.Smoothed smoothed = new SmoothQuant(network, 0.5).smooth(Items.of(network, ITEMS), SMOOTH);
        assertThat(smoothed.tensors()).isNotEmpty();
        assertThat(smoothed.graph().digest()).isNotEqualTo(network.digest());
        assertThat(noise(network, smoothed.graph())).isLessThan(1e-10);
    }

    @Test
    void quantizedOutputsAreCloser() {
        Graph network = TransformerNetworks.preNorm(1);
        double plain = noise(network, Quantizer.quantize(network, ITEMS, PLAIN).graph());
        Quantized smooth = Quantizer.quantize(network, ITEMS, SMOOTH);
        assertThat(noise(network, smooth.graph())).isLessThan(plain / 2);
        assertThat(smooth.steps()).anyMatch(step -> step.contains("SmoothQuant"));
    }

    @Test
    void multipliesOnlyWhereOthersReadTheActivation() {
        Graph free = TransformerNetworks.preNorm(1);
        Graph shared = TransformerNetworks.postNorm(1);
        assertThat(new SmoothQuant(free, 0.5)
                        .smooth(Items.of(free, ITEMS), SMOOTH)
                        .graph()
                        .nodes())
                .hasSameSizeAs(free.nodes());
        assertThat(new SmoothQuant(shared, 0.5)
                        .smooth(Items.of(shared, ITEMS), SMOOTH)
                        .graph()
                        .nodes())
                .hasSize(shared.nodes().size() + 1);
    }

    @Test
    void strengthsBeyondOneAreRefused() {
        assertThatThrownBy(() -> QuantizeOptions.builder().smoothQuant(1.5).build())
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("smoothQuant is 1.5");
    }
}
