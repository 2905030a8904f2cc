package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.quantize.MixedPrecision.Choice;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MixedPrecisionTest {

    private static final FloatTensor IMAGES = TestNetworks.images(48, 1);
    private static final Graph NETWORK = TestNetworks.trained(TestNetworks.residual("Relu", 1), IMAGES);
    private static final List<Precision> FOUR_AND_EIGHT = Precision.parse("4,8");

    @Test
    void theBudgetIsKept() {
        MixedPrecision mixed = measure(NETWORK, "4,8");
        Choice half = mixed.within(0.5).orElseThrow();
        Map<String, Encoding> grids =
                Quantizer.quantize(NETWORK, IMAGES, half.options()).encodings();
        BitOperations operations = new BitOperations(
                Quantizer.prepare(NETWORK), Items.of(NETWORK, IMAGES).itemShapes());
        assertThat(operations.of(operations.layers(), grids))
                .isEqualTo(half.cost())
                .isLessThanOrEqualTo(mixed.reference() / 2)
                .isGreaterThan(mixed.reference() / 3);
        assertThat(grids.values().stream().map(Encoding::bits)).contains(4, 8);
    }

    @Test
    void whatOneNodeReadsSharesAPrecision() {
        MixedPrecision mixed = measure(NETWORK, "4,8");
        assertThat(mixed.groups().stream()
                        .map(LayerGroup::layers)
                        .flatMap(List::stream)
                        .map(Node::op))
                .containsOnly("Conv", "Gemm")
                .hasSize(6);
        // the shortcut's sum reads what the stem makes, which the first convolution after it reads too, and what the
        // last makes
        LayerGroup shortcut = mixed.groups().stream()
                .filter(group ->
                        group.layers().stream().anyMatch(layer -> layer.name().contains("expand")))
                .findFirst()
                .orElseThrow();
        assertThat(shortcut.activations()).hasSize(2);
        for (double share : List.of(0.3, 0.5, 0.8)) {
            Choice choice = mixed.within(share).orElseThrow();
            Map<String, Encoding> grids =
                    Quantizer.quantize(NETWORK, IMAGES, choice.options()).encodings();
            for (int g = 0; g < mixed.groups().size(); g++) {
                LayerGroup group = mixed.groups().get(g);
                Precision precision = choice.precisions().get(g);
                assertThat(group.activations())
                        .allSatisfy(tensor -> assertThat(grids.get(tensor).bits())
                                .isEqualTo(precision.activations().bits()));
                assertThat(group.weights())
                        .allSatisfy(weight -> assertThat(grids.get(weight).bits())
                                .isEqualTo(precision.weights().bits()));
            }
        }
    }

    @Test
    void aUniformChoiceIsTheUniformNetwork() {
        MixedPrecision mixed = measure(NETWORK, "4,8");
        QuantizeOptions eight = mixed.choices(MixedSearch.GREEDY).getLast().options();
        assertThat(eight.formats()).isEmpty();
        assertThat(Quantizer.quantize(NETWORK, IMAGES, eight).graph().digest())
                .isEqualTo(Quantizer.quantize(NETWORK, IMAGES, QuantizeOptions.defaults())
                        .graph()
                        .digest());
        Choice four = mixed.choices(MixedSearch.GREEDY).getFirst();
        QuantizeOptions uniform =
                QuantizeOptions.builder().weightBits(4).activationBits(4).build();
        Graph expected = Quantizer.quantize(NETWORK, IMAGES, uniform).graph();
        double loss = MixedPrecision.loss(NETWORK, Items.of(NETWORK, IMAGES), OutputLoss.KL, uniform)
                .applyAsDouble(expected);
        // what nothing multiplies by keeps 8 bits
        assertThat(mixed.loss(four)).isCloseTo(loss, within(0.3 * loss));
    }

    @Test
    void whatIsSaidOfAChoiceIsWhatTheNetworkLoses() {
        MixedPrecision mixed = measure(NETWORK, "4,8");
        Choice half = mixed.within(0.5).orElseThrow();
        Graph quantized = Quantizer.quantize(NETWORK, IMAGES, half.options()).graph();
        assertThat(MixedPrecision.loss(NETWORK, Items.of(NETWORK, IMAGES), OutputLoss.KL, half.options())
                        .applyAsDouble(quantized))
                .isEqualTo(mixed.loss(half));
    }

    @Test
    void exactReallyLosesNoMoreThanGreedy() {
        MixedPrecision mixed = measure(NETWORK, "4,8");
        for (double share : List.of(0.3, 0.4, 0.6)) {
            long budget = (long) (share * mixed.reference());
            Choice exact = mixed.within(MixedSearch.EXACT, budget).orElseThrow();
            Choice greedy = mixed.within(MixedSearch.GREEDY, budget).orElseThrow();
            assertThat(mixed.loss(exact)).isLessThanOrEqualTo(mixed.loss(greedy));
            assertThat(exact.cost()).isLessThanOrEqualTo(budget);
        }
    }

    @Test
    void hardActivationsAndSqueezingNetworksAreMixedToo() {
        Graph network = TestNetworks.squeezeExcite(3);
        MixedPrecision mixed =
                MixedPrecision.measure(network, IMAGES, QuantizeOptions.defaults(), FOUR_AND_EIGHT, Progress.NONE);
        Choice half = mixed.within(0.5).orElseThrow();
        assertThat(Quantizer.quantize(network, IMAGES, half.options()).encodings().values().stream()
                        .map(Encoding::bits))
                .contains(4, 8);
        assertThat(mixed.loss(half)).isPositive().isFinite();
    }

    @Test
    void methodsKeepTheFormats() {
        Choice half = measure(NETWORK, "4,8").within(0.5).orElseThrow();
        QuantizeOptions options = half.options().toBuilder()
                .rounding(RoundingOptions.adaRound().toBuilder().iterations(2).build())
                .biasCorrection(true)
                .build();
        Map<String, Encoding> rounded =
                Quantizer.quantize(NETWORK, IMAGES, options).encodings();
        Quantizer.quantize(NETWORK, IMAGES, half.options())
                .encodings()
                .forEach((name, encoding) ->
                        assertThat(rounded.get(name).bits()).as(name).isEqualTo(encoding.bits()));
    }

    @Test
    void whatWasMeasuredIsNotMeasuredAgain() {
        Map<String, byte[]> kept = new HashMap<>();
        int[] measured = {0};
        LayerCheckpoints memory = new LayerCheckpoints() {
            @Override
            public Optional<byte[]> recall(String key) {
                return Optional.ofNullable(kept.get(key));
            }

            @Override
            public void remember(String key, byte[] value) {
                measured[0]++;
                kept.put(key, value);
                if (measured[0] == 5) {
                    throw new IllegalStateException("killed");
                }
            }
        };
        assertThatThrownBy(() -> measure(memory)).hasMessage("killed");
        MixedPrecision resumed = measure(memory);
        MixedPrecision fresh = measure(LayerCheckpoints.NONE);
        int all = fresh.groups().size() * fresh.candidates().size();
        assertThat(measured[0]).isEqualTo(all);
        assertThat(resumed.within(0.5)).isEqualTo(fresh.within(0.5));
        int tried = measured[0];
        assertThat(measure(memory).within(0.5)).isEqualTo(fresh.within(0.5));
        assertThat(measured[0]).isEqualTo(tried);
    }

    private static MixedPrecision measure(LayerCheckpoints memory) {
        Items images = Items.of(NETWORK, IMAGES);
        QuantizeOptions options = QuantizeOptions.defaults();
        return MixedPrecision.measure(
                NETWORK,
                images,
                options,
                FOUR_AND_EIGHT,
                MixedPrecision.loss(NETWORK, images, OutputLoss.MSE, options),
                memory,
                Progress.NONE);
    }

    @Test
    void theCheapestGoodOneIsFound() {
        MixedPrecision mixed = measure(NETWORK, "4,8");
        List<Choice> choices = mixed.choices(MixedSearch.EXACT);
        Choice wanted = choices.get(choices.size() / 3);
        assertThat(mixed.cheapest(MixedSearch.EXACT, choice -> choice.cost() >= wanted.cost()))
                .contains(wanted);
        assertThat(mixed.cheapest(MixedSearch.EXACT, choice -> true)).contains(choices.getFirst());
        assertThat(mixed.cheapest(MixedSearch.EXACT, choice -> false)).isEmpty();
    }

    /** Here every layer in floats costs as much as it has operations. */
    @Test
    void integersAreLeftWhereTheLatencyAllowsIt() {
        MixedPrecision mixed = measure(NETWORK, "8,float").byLatency(networks -> networks.stream()
                .map(network -> 1.0
                        + network.nodes().stream()
                                .filter(node -> node.op().equals("Conv"))
                                .filter(node -> network.initializers().containsKey(node.input(1)))
                                .count())
                .toList());
        assertThat(mixed.reference()).isEqualTo(1_000_000);
        Choice integers = mixed.within(MixedSearch.EXACT, 1_000_000).orElseThrow();
        Choice floats = mixed.within(MixedSearch.EXACT, 100_000_000).orElseThrow();
        Choice between = mixed.within(MixedSearch.EXACT, 3_000_000).orElseThrow();
        assertThat(floats.predictedLoss()).isZero();
        assertThat(between.predictedLoss()).isBetween(0.0, integers.predictedLoss());
        assertThat(between.cost()).isBetween(2_000_000L, 3_000_000L);
        assertThat(Quantizer.quantize(NETWORK, IMAGES, between.options()).encodings())
                .hasSizeLessThan(Quantizer.quantize(NETWORK, IMAGES, integers.options())
                        .encodings()
                        .size());
        assertThat(mixed.within(MixedSearch.EXACT, 999_999)).isEmpty();
    }

    @Test
    void badInputIsRefused() {
        assertThatThrownBy(() -> Precision.parse("4,acht"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'acht' is no precision");
        assertThatThrownBy(() -> Precision.parse("8")).hasMessageContaining("nothing to mix");
        assertThatThrownBy(() -> Precision.parse("w9a8,8")).hasMessageContaining("weights of 9 bits");
        assertThatThrownBy(() -> Precision.parse("1,8")).hasMessageContaining("integers of 1 bits");
        assertThatThrownBy(() -> measure(NETWORK, "4,8").byLatency(networks -> List.of()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("give float too");
        assertThatThrownBy(() -> measure(NETWORK, "16,float").byLatency(networks -> List.of()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("no integer kernels for w16a16");
        QuantizeOptions htp =
                QuantizeOptions.builder().target(Target.named("htp")).build();
        assertThatThrownBy(() -> MixedPrecision.measure(NETWORK, IMAGES, htp, Precision.parse("2,8"), Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("no kernels");
        QuantizeOptions minimum = QuantizeOptions.builder().minimumSqnr(20).build();
        assertThatThrownBy(() -> MixedPrecision.measure(NETWORK, IMAGES, minimum, FOUR_AND_EIGHT, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("leave them out");
    }

    @Test
    void lossesThatAreNoNumbersDoNotWin() {
        assertThatThrownBy(() -> MixedPrecision.measure(
                        NETWORK,
                        Items.of(NETWORK, IMAGES),
                        QuantizeOptions.defaults(),
                        FOUR_AND_EIGHT,
                        quantized -> Double.NaN,
                        LayerCheckpoints.NONE,
                        Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageMatching("with '.+' alone in w8a8 the loss is NaN, .*must be finite numbers.*");
    }

    @Test
    void listsAreRead() {
        assertThat(Precision.parse("8, w4a8,float,4"))
                .extracting(Precision::toString)
                .containsExactly("float", "w8a8", "w4a8", "w8a4", "w4a4");
    }

    private static MixedPrecision measure(Graph network, String precisions) {
        return MixedPrecision.measure(
                network, IMAGES, QuantizeOptions.defaults(), Precision.parse(precisions), Progress.NONE);
    }
}
