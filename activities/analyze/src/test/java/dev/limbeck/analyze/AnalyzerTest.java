package dev.limbeck.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.limbeck.analyze.Analysis.CompressedLayer;
import dev.limbeck.analyze.Analysis.Finding;
import dev.limbeck.analyze.Analysis.LayerActivation;
import dev.limbeck.analyze.Analysis.LayerSensitivity;
import dev.limbeck.analyze.Analysis.LayerTime;
import dev.limbeck.analyze.Analysis.LayerWeights;
import dev.limbeck.analyze.Analysis.Outcome;
import dev.limbeck.analyze.Analysis.Share;
import dev.limbeck.analyze.Analysis.TensorError;
import dev.limbeck.compress.CompressScheme;
import dev.limbeck.graph.Graph;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.MachineState;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.NumberFormat;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.testing.Chromium;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each section of an analysis against truths that are computed otherwise. */
class AnalyzerTest {

    private static final SessionOptions SESSION = SessionOptions.defaults();
    private static final Items IMAGES = TestNetworks.images(80);
    private static final Map<String, byte[]> KEPT = new TreeMap<>();

    @TempDir
    private static Path folder;

    private static Graph network;
    private static Analysis analysis;

    @BeforeAll
    static void analyzeOnce() {
        network = TestNetworks.rescaledChain();
        analysis = analyze(network, IMAGES, options(60), memory());
    }

    private static AnalyzeOptions options(int layers) {
        return new AnalyzeOptions(
                QuantizeOptions.defaults(),
                CompressScheme.WEIGHT_SVD,
                64,
                64,
                layers,
                "net.onnx",
                "photos.npz",
                List.of(),
                List.of());
    }

    private static Analysis analyze(Graph graph, Items items, AnalyzeOptions options, LayerCheckpoints memory) {
        return Analyzer.analyze(
                graph,
                AnalysisData.of(graph, items, options),
                options,
                memory,
                // twenty times as fast: how long a network takes does not matter here, and nobody wants to wait
                new LatencyMeasurer(() -> 20 * System.nanoTime(), MachineState::read),
                Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
                Progress.NONE);
    }

    private static LayerCheckpoints memory() {
        return new LayerCheckpoints() {
            @Override
            public Optional<byte[]> recall(String key) {
                return Optional.ofNullable(KEPT.get(key));
            }

            @Override
            public void remember(String key, byte[] value) {
                KEPT.put(key, value);
            }
        };
    }

    private static float[] output(Graph graph, Items items) {
        return Inference.run(graph, items, 8, SESSION).data();
    }

    private static double sqnr(float[] expected, float[] actual) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.length; i++) {
            signal += expected[i] * (double) expected[i];
            noise += Math.pow(expected[i] - (double) actual[i], 2);
        }
        return 10 * Math.log10(signal / noise);
    }

    @Test
    void aNetworkOfTokensIsLookedAtLikeOneOfImages() {
        Analysis tokens =
                analyze(TestNetworks.tokens(), TestNetworks.sentences(40), options(60), LayerCheckpoints.NONE);

        assertThat(tokens.missing()).containsOnlyKeys("equalization");
        assertThat(tokens.alongGraph().tensors().getLast().simulated()).isGreaterThan(20);
        assertThat(tokens.sensitivity().layers())
                .extracting(Analysis.LayerSensitivity::layer)
                .contains("first", "last");
        assertThat(tokens.compression().layers()).isNotEmpty();
        assertThat(tokens.speed().quantizedMillis()).isPositive();
    }

    @Test
    void weightsReachAsFarAsTheyWereMade() {
        LayerWeights first = analysis.weights().getFirst();
        float[] weight = network.initializers().get("first.weight").floats();
        for (int c = 0; c < TestNetworks.CHANNELS; c++) {
            float[] channel = Arrays.copyOfRange(weight, 27 * c, 27 * c + 27);
            Arrays.sort(channel);
            assertThat(first.least()[c]).isEqualTo(channel[0]);
            assertThat(first.most()[c]).isEqualTo(channel[26]);
        }
        assertThat(analysis.weights()).extracting(LayerWeights::layer).containsExactly("first", "second", "last");
        assertThat(first.spread()).isBetween(300.0, 3000.0);
        assertThat(first.equalizedSpread()).isLessThan(30);
    }

    @Test
    void activationsAreCountedOnTheirGrid() {
        Items calibration = IMAGES.slice(0, 64);
        float[] values = Activations.collect(
                        network, List.of("first.act"), calibration.inputs().get("x"), 8, SESSION)
                .get("first.act")
                .data();
        LayerActivation activation = analysis.activations().stream()
                .filter(a -> a.tensor().equals("first.act"))
                .findFirst()
                .orElseThrow();
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        assertThat(activation.plain().most()).isCloseTo(largest, within(1e-4 * largest));
        assertThat(Arrays.stream(activation.plain().counts()).sum()).isEqualTo(values.length);
        assertThat(activation.plain().gridMost()).isCloseTo(largest, within(0.01 * largest));
        // the middle of sixteen channels from one to a thousand reaches a thirtieth as far as the largest
        assertThat(activation.plain().medianSteps()).isBetween(2.0, 25.0);
        assertThat(activation.equalized().medianSteps()).isGreaterThan(60);
    }

    @Test
    void sensitivityIsThatOfNetworksQuantizedByHand() {
        Graph all = Quantizer.quantize(network, IMAGES.slice(0, 64), QuantizeOptions.defaults(), Progress.NONE)
                .graph();
        double whole = sqnr(output(network, IMAGES.slice(0, 64)), output(all, IMAGES.slice(0, 64)));
        assertThat(analysis.sensitivity().all()).isCloseTo(whole, within(4.0));
        assertThat(analysis.sensitivity().layers())
                .extracting(LayerSensitivity::layer)
                .containsExactly("first", "second", "last");
        LayerSensitivity second = analysis.sensitivity().layers().get(1);
        // it reads what differs a thousandfold
        assertThat(second.alone()).isLessThan(second.without() - 5);
        assertThat(second.alone())
                .isLessThan(analysis.sensitivity().layers().getFirst().alone() - 5);
    }

    @Test
    void outcomesAreJudgedOnDataHeldBack() {
        Items held = IMAGES.slice(72, 80);
        Graph quantized = Quantizer.quantize(network, IMAGES.slice(0, 64), QuantizeOptions.defaults(), Progress.NONE)
                .graph();
        assertThat(analysis.outcomes()).extracting(Outcome::name).containsExactly("float", "INT8", "INT8, equalized");
        assertThat(analysis.outcomes().get(1).sqnr())
                .isCloseTo(sqnr(output(network, held), output(quantized, held)), within(1e-6));
        assertThat(analysis.outcomes().get(2).sqnr())
                .isGreaterThan(analysis.outcomes().get(1).sqnr() + 5);
        assertThat(analysis.outcomes().get(1).accuracy()).isNull();
        assertThat(analysis.outcomes().getFirst().bytes()).isEqualTo(network.toBytes().length);
    }

    @Test
    void theErrorAlongTheGraphEndsAtTheOutput() {
        TensorError last = analysis.alongGraph().tensors().getLast();
        assertThat(last.tensor()).isEqualTo("y");
        assertThat(last.layer()).isEqualTo("last");
        assertThat(last.computed()).isCloseTo(analysis.outcomes().get(1).sqnr(), within(0.5));
        assertThat(last.equalizedComputed()).isGreaterThan(last.computed());
    }

    @Test
    void aLayerOfAllItsRanksIsTheLayerItself() {
        assertThat(analysis.compression().layers()).isNotEmpty().allSatisfy(layer -> assertThat(layer.shares())
                .extracting(Share::sqnr)
                .isSorted());
        CompressedLayer second = analysis.compression().layers().stream()
                .filter(layer -> layer.layer().equals("second"))
                .findFirst()
                .orElseThrow();
        long positions = TestNetworks.SIZE * TestNetworks.SIZE;
        long second16 = 16L * 16 * positions;
        long whole = 27L * 16 * positions + second16 + 160;
        assertThat(second.macShare()).isCloseTo((double) second16 / whole, within(1e-9));
        Share share = second.shares().getLast();
        double left = whole - second16 + 2L * 16 * share.kept() * positions;
        assertThat(share.macs()).isCloseTo(left / whole, within(1e-9));
    }

    @Test
    void timesAddUpAndEveryLayerRunsInIntegers() {
        List<LayerTime> layers = analysis.speed().layers();
        assertThat(layers).extracting(LayerTime::layer).contains("first", "second", "pool", "last");
        assertThat(layers).filteredOn(layer -> layer.op().equals("Conv")).allSatisfy(layer -> {
            assertThat(layer.integer()).isTrue();
            assertThat(layer.floatMicros()).isPositive();
            assertThat(layer.quantizedNodes()).extracting(Analysis.NodeTime::op).contains("QLinearConv");
        });
        double sum = layers.stream().mapToDouble(LayerTime::floatMicros).sum();
        assertThat(sum).isPositive().isLessThan(1000 * 20 * analysis.speed().floatMillis());
        assertThat(analysis.speed().integerShare()).isEqualTo(1);
    }

    @Test
    void theFirstFindingIsWhatWasDoneToTheNetwork() {
        Finding first = analysis.findings().getFirst();
        assertThat(first.good()).isFalse();
        assertThat(first.title()).containsPattern("differ [\\d,]+-fold");
        assertThat(first.text()).contains("first");
        assertThat(first.command()).isEqualTo("limbeck quantize net.onnx --data photos.npz --equalize -o int8.onnx");
        assertThat(analysis.findings()).hasSize(3);
        assertThat(analysis.findings())
                .as("no command makes the network worse")
                .extracting(Finding::command)
                .filteredOn(command -> command.startsWith("limbeck quantize"))
                .allMatch(command -> command.contains("--equalize"));
    }

    @Test
    void whatIsKnownIsNotScoredAgain() {
        Map<String, byte[]> before = new HashMap<>(KEPT);
        Analysis again = analyze(network, IMAGES, options(60), memory());
        assertThat(KEPT).isEqualTo(before).isNotEmpty();
        assertThat(again.sensitivity()).isEqualTo(analysis.sensitivity());
        assertThat(again.compression()).isEqualTo(analysis.compression());
    }

    @Test
    void fewLayersAreTheLargest() {
        Analysis few = analyze(TestNetworks.chain(), IMAGES, options(1), LayerCheckpoints.NONE);
        assertThat(few.sensitivity().layers())
                .extracting(LayerSensitivity::layer)
                .containsExactly("first");
        assertThat(few.sensitivity().of()).isEqualTo(3);
        assertThat(few.outcomes().get(1).sqnr()).isGreaterThan(20);
        assertThat(few.findings()).anyMatch(Finding::good);
    }

    @Test
    void aBrowserDrawsEveryChartWithoutAnErrorOnItsConsole() throws Exception {
        Chromium chromium = Chromium.find();
        assumeTrue(chromium != null, "no chromium on the path: the page is not looked at");
        Path html = folder.resolve("page.html");
        analysis.write(html);

        Chromium.Page page = chromium.open(html, folder);

        assertThat(Files.readString(html)).doesNotContainPattern("(src|href)=[\"']?https?:");
        assertThat(page.console()).isEmpty();
        assertThat(page.dom()).doesNotContain("id=\"problem\"").contains("data-drawn=\"8\"");
        assertThat(page.charts())
                .hasSize(8)
                .allSatisfy((name, shapes) -> assertThat(shapes).as(name).isGreaterThan(5));
        String drawn = page.dom().split("<script>", 2)[0];
        assertThat(drawn)
                .contains(analysis.findings().getFirst().command())
                .doesNotContain("NaN", "undefined", "null", "Infinity");
    }

    @Test
    void aSectionThatCannotBeMadeSaysWhy() throws Exception {
        Chromium chromium = Chromium.find();
        assumeTrue(chromium != null, "no chromium on the path: the page is not looked at");
        AnalyzeOptions floats = new AnalyzeOptions(
                QuantizeOptions.builder().activations(NumberFormat.FLOAT32).build(),
                CompressScheme.SPATIAL_SVD,
                64,
                64,
                60,
                "net.onnx",
                "photos.npz",
                List.of(),
                List.of("--activations", "float32"));
        Analysis partial = analyze(TestNetworks.chain(), IMAGES, floats, LayerCheckpoints.NONE);
        assertThat(partial.missing()).containsOnlyKeys("activations");
        Path html = folder.resolve("partial.html");
        partial.write(html);

        Chromium.Page page = chromium.open(html, folder);

        assertThat(page.console()).isEmpty();
        assertThat(page.dom()).contains("This network does not tell: no activation is quantized to integers.");
    }
}
