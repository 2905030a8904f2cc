package dev.limbeck.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.compress.RatioSelection.Candidate;
import dev.limbeck.graph.Cost;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {

    @Test
    void compressesToHalfOfTheOperations() {
        Graph network = TestNetworks.residual(1);
        FloatTensor images = TestNetworks.images(16, 1);
        // the example
        Compressed compressed = Compression.compressModel(
                network,
                candidate -> agreement(candidate, network, images),
                CompressScheme.SPATIAL_SVD,
                images,
                CompressOptions.of(0.5),
                Progress.NONE);
        // ends here
        assertThat(compressed.goalMet()).isTrue();
        assertThat(compressed.before()).isEqualTo(Cost.of(network));
        assertThat(compressed.after()).isEqualTo(Cost.of(compressed.graph()));
        assertThat(compressed.after().macs())
                .isLessThanOrEqualTo(compressed.before().macs() / 2);
        assertThat(compressed.compressedScore()).isEqualTo(agreement(compressed.graph(), network, images));
    }

    @Test
    void theExampleIsTheDocumentationsOwn() throws IOException {
        Path folder = Path.of("src", "main", "java", "dev", "limbeck", "compress");
        Path tests = Path.of("src", "test", "java", "dev", "limbeck", "compress");
        String documented = Files.readString(folder.resolve("Compression.java"))
                .split("<pre>\\{@code\n")[1]
                .split(" \\* }</pre>")[0]
                .replace(" * ", "");
        String compiled = Files.readString(tests.resolve("CompressionTest.java"))
                .split("// the example\n")[1]
                .split(" {8}// ends here")[0]
                .replaceAll("(?m)^ {8}", "");
        assertThat(documented).isEqualTo(compiled);
    }

    @ParameterizedTest
    @EnumSource(RatioSelection.class)
    void everySelectionMeetsTheBudgetAndNoneIsBetterThanTheExactOne(RatioSelection selection) {
        Random random = new Random(4);
        for (int trial = 0; trial < 50; trial++) {
            List<List<Candidate>> units = new ArrayList<>();
            for (int u = 0; u < 4; u++) {
                double cost = 10 + random.nextInt(90);
                double sensitivity = random.nextDouble();
                List<Candidate> unit = new ArrayList<>();
                for (double ratio : List.of(0.2, 0.5, 0.8, 1.0)) {
                    unit.add(new Candidate(
                            "u" + u,
                            ratio,
                            (int) (10 * ratio),
                            cost * ratio,
                            1 - sensitivity * (1 - ratio) * (1 - ratio)));
                }
                units.add(unit);
            }
            double budget =
                    0.6 * units.stream().mapToDouble(u -> u.getLast().cost()).sum();
            List<Candidate> chosen = selection.choose(units, budget).orElseThrow();
            assertThat(RatioSelection.cost(chosen)).isLessThanOrEqualTo(budget + 1e-9);
            double exact = loss(RatioSelection.EXACT.choose(units, budget).orElseThrow());
            assertThat(exact).isLessThanOrEqualTo(loss(chosen) + 1e-12);
            assertThat(exact).isCloseTo(leastLoss(units, budget, 0), within(1e-9));
        }
    }

    @Test
    void channelsThatTouchAreChosenByWhatTheyCostTogether() {
        Graph network = TestNetworks.residual(1);
        FloatTensor images = TestNetworks.images(2, 1);
        CompressOptions options = CompressOptions.of(0.4).withCandidates(List.of(0.2, 0.4, 0.6, 0.8));
        List<List<Candidate>> plain = Compression.sensitivity(
                network, candidate -> 1, CompressScheme.CHANNEL_PRUNING, images, options, unit -> true, Progress.NONE);
        ChannelPruner pruner = new ChannelPruner(network, images, ChannelSelection.LASSO);
        double macs = Cost.of(network).macs();
        Map<Map<String, Integer>, Double> shares = new HashMap<>();
        double found = 0;
        for (int seed = 1; seed <= 10; seed++) {
            Random random = new Random(seed);
            List<List<Candidate>> sensitivity = plain.stream()
                    .map(unit -> losing(unit, random.nextDouble()))
                    .toList();
            RatioSearch search = new RatioSearch(
                    sensitivity,
                    options,
                    macs,
                    kept -> shares.computeIfAbsent(
                            kept, k -> Cost.of(pruner.shape(k)).macs() / macs));
            List<Candidate> best = search.best();
            assertThat(search.left(best)).isLessThanOrEqualTo(0.4);
            double least = choices(sensitivity).stream()
                    .filter(choice -> search.left(choice) <= 0.4)
                    .mapToDouble(CompressionTest::loss)
                    .min()
                    .orElseThrow();
            found += loss(best) / least / 10;
        }
        // by what each unit saves of the whole network alone it is 1.03
        assertThat(found).isBetween(1 - 1e-9, 1.02);
    }

    private static List<Candidate> losing(List<Candidate> unit, double sensitivity) {
        return unit.stream()
                .map(c -> new Candidate(
                        c.unit(), c.ratio(), c.kept(), c.cost(), 1 - sensitivity * Math.pow(1 - c.ratio(), 2)))
                .toList();
    }

    private static List<List<Candidate>> choices(List<List<Candidate>> units) {
        List<List<Candidate>> choices = List.of(List.of());
        for (List<Candidate> unit : units) {
            choices = choices.stream()
                    .flatMap(choice -> unit.stream()
                            .map(candidate -> Stream.concat(choice.stream(), Stream.of(candidate))
                                    .toList()))
                    .toList();
        }
        return choices;
    }

    @Test
    void aGoalThatCannotBeMetKeepsTheSmallest() {
        Graph network = TestNetworks.residual(1);
        Compressed compressed = Compression.compressModel(
                network,
                candidate -> 1.0 / Cost.of(network).macs() * Cost.of(candidate).macs(),
                CompressScheme.SPATIAL_SVD,
                TestNetworks.images(1, 1),
                CompressOptions.of(0.01),
                Progress.NONE);
        assertThat(compressed.goalMet()).isFalse();
        assertThat(compressed.after().macs())
                .isLessThan(compressed.before().macs() / 2)
                .isGreaterThan(compressed.before().macs() / 100);
    }

    @Test
    void aChoiceIsJudgedByTheFigureThatIsSaidOfIt() {
        Graph network = TestNetworks.residual(1);
        List<List<String>> asked = new ArrayList<>();
        Random random = new Random(7);
        // as latencies are: never twice the same
        NetworkCost unsteady = networks -> {
            asked.add(networks.stream().map(Graph::digest).toList());
            return networks.stream()
                    .map(one -> Cost.of(one).macs() * (1 + 0.2 * random.nextDouble()))
                    .toList();
        };
        for (double ratio : List.of(0.35, 0.45, 0.55)) {
            asked.clear();
            Compressed compressed = Compression.compressModel(
                    network,
                    candidate -> Cost.of(candidate).macs(),
                    CompressScheme.SPATIAL_SVD,
                    TestNetworks.images(1, 1),
                    CompressOptions.of(ratio).withCost(unsteady),
                    Progress.NONE);
            assertThat(compressed.goalMet()).isEqualTo(compressed.left() <= ratio);
            assertThat(asked).doesNotHaveDuplicates();
        }
    }

    @Test
    void whatTheCallbackThrowsEndsTheWorkAndLosesNothing() {
        Map<String, Double> known = new HashMap<>();
        ScoreMemory memory = (digest, score) -> {
            if (!known.containsKey(digest)) {
                known.put(digest, score.getAsDouble());
            }
            return known.get(digest);
        };
        List<String> asked = new ArrayList<>();
        assertThatThrownBy(() -> compress(
                        candidate -> {
                            if (asked.size() == 5) {
                                throw new IllegalStateException("no images today");
                            }
                            asked.add(candidate.digest());
                            return Cost.of(candidate).macs();
                        },
                        memory))
                .hasMessage("layer 'stem' at 90 % could not be judged: no images today")
                .hasRootCauseMessage("no images today");
        assertThat(asked).hasSize(5);

        Compressed compressed = compress(
                candidate -> {
                    asked.add(candidate.digest());
                    return Cost.of(candidate).macs();
                },
                memory);
        assertThat(asked).doesNotHaveDuplicates().hasSameSizeAs(known.keySet());
        Compressed undisturbed = compress(candidate -> Cost.of(candidate).macs(), ScoreMemory.NONE);
        assertThat(compressed.graph()).isEqualTo(undisturbed.graph());
        assertThat(compressed.candidates()).isEqualTo(undisturbed.candidates());
    }

    @Test
    void whatSaysByItsTypeWhatToDoIsThrownOnAsItIs() {
        CancellationException stop = new CancellationException("stopped");
        assertThatThrownBy(() -> compress(
                        candidate -> {
                            throw stop;
                        },
                        ScoreMemory.NONE))
                .isSameAs(stop);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void scoresThatAreNoNumbersDoNotWin(double score) {
        Graph network = TestNetworks.residual(1);
        assertThatThrownBy(() -> compress(candidate -> score, ScoreMemory.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("the network as it is got the score " + score);
        assertThatThrownBy(() -> compress(
                        candidate -> candidate.digest().equals(network.digest()) ? 1 : score, ScoreMemory.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("layer 'stem' at 10 % got the score " + score)
                .hasMessageContaining("must be finite numbers");
        assertThatThrownBy(() -> new Candidate("conv", 0.3, 4, 10, score))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("layer 'conv' at 30 %");
    }

    private static Compressed compress(ToDoubleFunction<Graph> callback, ScoreMemory memory) {
        return Compression.compressModel(
                TestNetworks.residual(1),
                callback,
                CompressScheme.SPATIAL_SVD,
                TestNetworks.images(1, 1),
                CompressOptions.of(0.5),
                memory,
                Progress.NONE);
    }

    @ParameterizedTest
    @EnumSource(CompressScheme.class)
    void networksThatNothingGoodCanBeMadeOfAreRefused(CompressScheme scheme) {
        Graph network = TestNetworks.residual(1);
        TensorValue weight = network.initializers().get("first.weight");
        float[] values = weight.floats().clone();
        values[7] = Float.NaN;
        GraphEditor editor = network.edit();
        editor.initializer("first.weight", TensorValue.ofFloats(values, weight.shape()));
        Graph broken = editor.build();
        assertThatThrownBy(() -> Compression.compressModel(
                        broken,
                        candidate -> 1,
                        scheme,
                        TestNetworks.images(1, 1),
                        CompressOptions.of(0.5),
                        Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("node 'first' (Conv) has the constant 'first.weight', which holds NaN");
    }

    @Test
    void ratiosOutsideTheRangeAreRefused() {
        assertThatThrownBy(() -> CompressOptions.of(1.5))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("ratio is 1.5")
                .hasMessageContaining("such as 0.5");
    }

    /** How near a network's output comes to the original's: 1 for the same, 0 for none. */
    private static double agreement(Graph candidate, Graph original, FloatTensor images) {
        return 1 - TestNetworks.error(TestNetworks.run(original, images), TestNetworks.run(candidate, images));
    }

    private static double loss(List<Candidate> chosen) {
        return chosen.stream().mapToDouble(c -> 1 - c.score()).sum();
    }

    private static double leastLoss(List<List<Candidate>> units, double budget, int from) {
        if (budget < -1e-9) {
            return Double.POSITIVE_INFINITY;
        }
        if (from == units.size()) {
            return 0;
        }
        return units.get(from).stream()
                .mapToDouble(c -> 1 - c.score() + leastLoss(units, budget - c.cost(), from + 1))
                .min()
                .orElseThrow();
    }
}
