package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.SessionOptions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HighBiasAbsorptionTest {

    private static final FloatTensor IMAGES = TestNetworks.images(128, 1);

    /** A chain whose batch norms shift far above zero, which ReLU then never cuts. */
    private static Graph network() {
        Graph chain = TestNetworks.chain("Relu", 3);
        GraphEditor editor = chain.edit();
        for (String norm : List.of("first", "depthwise", "second", "grouped")) {
            TensorValue shift = chain.initializers().get(norm + ".shift");
            float[] high = shift.floats();
            for (int c = 0; c < high.length; c += 2) {
                high[c] += 12;
            }
            editor.initializer(norm + ".shift", TensorValue.ofFloats(high, high.length));
        }
        return TestNetworks.trained(editor.build(), IMAGES);
    }

    private static float largest(Graph graph, String tensor) {
        float[] values = Activations.collect(graph, List.of(tensor), IMAGES, 64, SessionOptions.defaults())
                .get(tensor)
                .data();
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        return largest;
    }

    @Test
    void theFunctionStaysAndRangesShrinkWhereNothingIsPadded() {
        Graph network = network();
        BatchNormStatistics norms = BatchNormStatistics.of(network);
        Graph folded = BiasCorrection.withBiases(Canonicalization.of(network));
        double padded = norms.of("first.bn", 0).mean();
        double absorbed = norms.of("depthwise.bn", 0).mean();
        HighBiasAbsorption absorption = new HighBiasAbsorption(norms);
        Graph graph = absorption.absorb(folded);
        assertThat(absorption.channels()).isEqualTo(8 + 12); // of depthwise into second, of grouped into the head
        assertThat(QuantizerTest.decibels(QuantizerTest.run(folded), QuantizerTest.run(graph)))
                .isGreaterThan(40);
        assertThat(norms.of("first.bn", 0).mean()).isEqualTo(padded);
        assertThat(norms.of("depthwise.bn", 0).mean()).isLessThan(absorbed - 5);
        assertThat(largest(graph, "depthwise.bn.act")).isLessThan(largest(folded, "depthwise.bn.act") - 5);
    }

    @Test
    void ordinaryBiasesStay() {
        Graph network = TestNetworks.chain("Relu", 3);
        Graph folded = BiasCorrection.withBiases(Canonicalization.of(network));
        HighBiasAbsorption absorption = new HighBiasAbsorption(BatchNormStatistics.of(network));
        Graph graph = absorption.absorb(folded);
        assertThat(absorption.channels()).isZero();
        assertThat(Arrays.equals(graph.toBytes(), folded.toBytes())).isTrue();
    }
}
