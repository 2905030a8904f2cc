package dev.limbeck.workers.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Activation;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.MobileNetPlan;
import dev.limbeck.learn.Networks;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.MixedAim;
import dev.limbeck.quantize.NumberFormat;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.QuantizeSpec;
import dev.limbeck.schemas.Specs;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MixedChoiceTest {

    private static final Graph NETWORK = Networks.mobileNet(
            "tiny",
            new ImageInput(1, 28, 0, 1),
            10,
            new MobileNetPlan(
                    4, 2, Activation.RELU, List.of(new MobileNetPlan.Stage(8, 2, 2, 3, 2, Activation.RELU, false)), 16),
            1);

    @Test
    void aBudgetGivesSomeLayersFewBits() {
        assertThat(formats("mixed: [4, 8], budget: 0.5")).contains(4).doesNotContain(8);
        assertThat(formats("mixed: [4, 8], budget: 1.0")).isEmpty();
        assertThat(chosen("mixed: [4, 8], budget: 0.5", 0.9).missed()).isEmpty();
    }

    @Test
    void whatCannotBeMetSaysSoAndGetsTheNearest() {
        assertThat(formats("mixed: [4, 8], budget: 0.1")).hasSizeGreaterThan(8).containsOnly(4);
        assertThat(chosen("mixed: [4, 8], budget: 0.1", 0.9).missed().orElseThrow())
                .contains("the budget of 0.1 of the 8-bit network's bit-operations is missed", "precisions takes 0.25");

        MixedAim widest = chosen("mixed: [4, 8], goal: 1%", 0.8);
        assertThat(widest.choice().options().formats()).isEmpty();
        assertThat(widest.missed().orElseThrow())
                .contains("the goal is missed: 80.00 % on validation images", "90.00 % in floats");
    }

    @Test
    void withoutABudgetTheGoalDecides() {
        // here all are as accurate as the float network
        assertThat(formats("mixed: [4, 8], mixedSearch: greedy")).hasSizeGreaterThan(8);
    }

    @Test
    void aLatencyLeavesInFloatsWhatThereIsTimeFor() {
        MixedAim none = chosen("mixed: [8, float], budget: 1.05 ms", 0.9);
        MixedAim some = chosen("mixed: [8, float], budget: 1.25 ms", 0.9);
        assertThat(none.missed()).isEmpty();
        assertThat(none.choice().cost()).isEqualTo(1_000_000);
        assertThat(some.missed()).isEmpty();
        assertThat(some.choice().cost()).isBetween(1_100_000L, 1_250_000L);
        assertThat(chosen("mixed: [8, float], budget: 10 us", 0.9).missed().orElseThrow())
                .contains("the budget of 0.010 ms is missed: the fastest of these precisions takes 1.000 ms");
    }

    /** A millisecond, and a tenth for each layer that has its weights in floats. */
    private static List<Double> millis(List<Graph> networks) {
        return networks.stream().map(MixedChoiceTest::millis).toList();
    }

    private static double millis(Graph network) {
        long floats = network.nodes().stream()
                .filter(node -> node.op().equals("Conv") || node.op().equals("Gemm"))
                .filter(node -> network.producer(node.input(1)).isEmpty())
                .count();
        return 1 + 0.1 * floats;
    }

    /** Bits of the tensors that have others than the rest. */
    private static List<Integer> formats(String quantize) {
        return chosen(quantize, 0.9).choice().options().formats().values().stream()
                .map(NumberFormat::bits)
                .toList();
    }

    /** @param quantized accuracy of every quantized network; that in floats is 0.9 */
    private static MixedAim chosen(String quantize, double quantized) {
        QuantizeSpec way =
                Specs.parse("""
                        limbeck: v1
                        name: mixed
                        job: quantize
                        scenarios: [{name: here}]
                        reference: a.onnx
                        task: {type: classification, data: fashion-mnist}
                        quantize: {%s}
                        """.formatted(quantize), "a.yaml").quantize().getFirst();
        Random random = new Random(1);
        float[] pixels = new float[16 * 28 * 28];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextFloat();
        }
        FloatTensor images = new FloatTensor(pixels, 16, 1, 28, 28);
        return new MixedChoice(
                        NETWORK,
                        images,
                        way,
                        graph -> graph == NETWORK ? 0.9 : quantized,
                        MixedChoiceTest::millis,
                        LayerCheckpoints.NONE,
                        Progress.NONE)
                .of(QuantizeOptions.defaults());
    }
}
