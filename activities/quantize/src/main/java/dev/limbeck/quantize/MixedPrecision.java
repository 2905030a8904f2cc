package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Mixed precision without training: chooses the bits of each group of layers, so that a network loses least within a budget of
 * bit-operations or of latency.
 *
 * <pre>{@code
 * QuantizeOptions options = QuantizeOptions.defaults();
 * MixedPrecision mixed = MixedPrecision.measure(network, images, options, Precision.parse("4,8"), Progress.NONE);
 * QuantizeOptions half = mixed.within(0.5).orElseThrow().options(); // of the bit-operations of 8 bits
 * Quantized quantized = Quantizer.quantize(network, images, half);
 * }</pre>
 *
 * <p>What a precision loses is measured with only its group quantized and all others in floats. Errors of different groups are then
 * seen apart, and the loss of the widest precision too; small ones add up, as the divergence of outputs grows with the square of errors
 * that know nothing of each other. {@link #loss} tells what all together really lose.
 */
public final class MixedPrecision {

    /** Images that losses are measured on: more would only cost time. */
    private static final int IMAGES = 256;

    /** Choices near a budget that are tried as whole networks. */
    private static final int TRIED = 8;

    private final MixedNetwork network;
    private final List<Precision> candidates;
    private final List<List<Double>> losses; // by group and candidate
    private final MixedCosts costs;
    private final ToDoubleFunction<Graph> loss;
    private final LayerCheckpoints memory;

    private MixedPrecision(
            MixedNetwork network,
            List<Precision> candidates,
            List<List<Double>> losses,
            MixedCosts costs,
            ToDoubleFunction<Graph> loss,
            LayerCheckpoints memory) {
        this.network = network;
        this.candidates = candidates;
        this.losses = losses;
        this.costs = costs;
        this.loss = loss;
        this.memory = memory;
    }

    /**
     * A precision for each group.
     *
     * @param precisions in the order of {@link #groups}
     * @param cost of the whole network: bit-operations for one item, or nanoseconds
     * @param predictedLoss the sum of the groups' losses
     * @param options that quantize the network so
     */
    public record Choice(List<Precision> precisions, long cost, double predictedLoss, QuantizeOptions options) {
        public Choice {
            precisions = List.copyOf(precisions);
        }
    }

    /** By the loss that suits the outputs, {@link OutputLoss#suiting}, remembering nothing. */
    public static MixedPrecision measure(
            Graph network,
            FloatTensor calibrationImages,
            QuantizeOptions options,
            List<Precision> candidates,
            Progress progress) {
        Items images = Items.of(network, calibrationImages);
        ToDoubleFunction<Graph> loss = loss(network, images, OutputLoss.suiting(network, images), options);
        return measure(network, images, options, candidates, loss, LayerCheckpoints.NONE, progress);
    }

    /** The loss of outputs on some of the calibration images, in floats 0. */
    public static ToDoubleFunction<Graph> loss(
            Graph network, Items calibrationImages, OutputLoss loss, QuantizeOptions options) {
        Items few = calibrationImages.slice(0, Math.min(IMAGES, calibrationImages.count()));
        return loss.against(Quantizer.prepare(network, few), few, options.session());
    }

    /**
     * @param options how the network is quantized but for its bits: signs, granularity, calibration, equalization; methods that move
     *     weights are left for the network that is chosen
     * @param candidates what each group may be quantized to
     * @param loss of a network, 0 for one as good as in floats and larger for worse ones
     * @param memory of this network with these images and this loss, and no others: what was measured before is not measured again
     * @throws BadInputException if the candidates are fewer than two, or the target has no kernels for one of them, or nothing of the
     *     network can be quantized, or if a loss is no finite number
     */
    public static MixedPrecision measure(
            Graph network,
            Items calibrationImages,
            QuantizeOptions options,
            List<Precision> candidates,
            ToDoubleFunction<Graph> loss,
            LayerCheckpoints memory,
            Progress progress) {
        List<Precision> widestFirst = Precision.widestFirst(candidates);
        MixedNetwork mixed = MixedNetwork.of(network, calibrationImages, options, widestFirst, progress);
        MixedCosts costs = MixedCosts.bitOperations(mixed, widestFirst);
        LayerCheckpoints own = memory.of(options);
        MixedPrecision measured = new MixedPrecision(mixed, widestFirst, List.of(), costs, loss, own);
        return measured.withLosses(progress);
    }

    private MixedPrecision withLosses(Progress progress) {
        List<List<Double>> measured = new ArrayList<>();
        for (LayerGroup group : groups()) {
            progress.report("sensitivity of layers", measured.size(), groups().size(), group.name());
            List<Double> ofGroup = new ArrayList<>();
            for (Precision precision : candidates) {
                ofGroup.add(once(
                        "alone " + group.name() + " " + precision,
                        "'" + group.name() + "' alone in " + precision,
                        () -> network.alone(group, precision)));
            }
            measured.add(ofGroup);
        }
        progress.report("sensitivity of layers", groups().size(), groups().size(), "");
        return new MixedPrecision(network, candidates, measured, costs, loss, memory);
    }

    /** @param what messages call it */
    private double once(String key, String what, Supplier<Graph> quantized) {
        return memory.once("mixed precision " + key, () -> {
            double value = loss.applyAsDouble(quantized.get());
            if (!Double.isFinite(value)) {
                throw new BadInputException(
                        "with " + what + " the loss is " + value + ", by which nothing can be chosen;"
                                + " losses must be finite numbers, larger ones for worse networks");
            }
            // one that is better for being quantized is so by chance
            return Math.max(0, value);
        });
    }

    /**
     * The same with latency in nanoseconds for its cost, and every group either in integers or in floats.
     *
     * @param latency measures it
     * @throws BadInputException if floats are none of the candidates, or all that there is, or integers have more than 8 bits
     */
    public MixedPrecision byLatency(NetworkLatency latency) {
        MixedCosts measured = MixedCosts.latency(network, candidates, latency);
        return new MixedPrecision(network, candidates, losses, measured, loss, memory);
    }

    /** In the order of the graph. */
    public List<LayerGroup> groups() {
        return network.groups();
    }

    /** The widest first. */
    public List<Precision> candidates() {
        return candidates;
    }

    /** What a candidate loses with only this group quantized. @param group its position among {@link #groups} */
    public Map<Precision, Double> losses(int group) {
        Map<Precision, Double> byCandidate = new LinkedHashMap<>();
        for (int c = 0; c < candidates.size(); c++) {
            byCandidate.put(candidates.get(c), losses.get(group).get(c));
        }
        return byCandidate;
    }

    /** Multiply-accumulate operations of a group. @param group its position among {@link #groups} */
    public long macs(int group) {
        return network.bitOperations().macs(groups().get(group).layers());
    }

    /** The cost that shares are of: that of the network with 8 bits wherever it has integers. */
    public long reference() {
        return costs.reference();
    }

    /** All that a search finds, by rising cost. */
    public List<Choice> choices(MixedSearch search) {
        List<List<MixedSearch.Option>> options = new ArrayList<>();
        for (int g = 0; g < groups().size(); g++) {
            List<MixedSearch.Option> ofGroup = new ArrayList<>();
            for (int c = 0; c < costs.open(g); c++) {
                ofGroup.add(new MixedSearch.Option(
                        costs.groups().get(g).get(c), losses.get(g).get(c)));
            }
            options.add(ofGroup);
        }
        return search.selections(options).stream().map(this::choice).toList();
    }

    private Choice choice(MixedSearch.Selection selection) {
        List<Precision> precisions =
                selection.options().stream().map(candidates::get).toList();
        return new Choice(precisions, costs.fixed() + selection.cost(), selection.loss(), network.options(precisions));
    }

    /** The least loss within so much of the 8-bit network's cost; empty where nothing is so cheap. */
    public Optional<Choice> within(double share) {
        return within(MixedSearch.EXACT, (long) (share * reference()));
    }

    /**
     * What the greedy search finds first within a budget. Of the exact one, the choices that come nearest to the budget are tried, and
     * what the greedy one finds: the sum of losses only comes near what whole networks lose, so the one that really loses least is taken.
     *
     * @param budget in the unit of the costs; empty where nothing is so cheap
     */
    public Optional<Choice> within(MixedSearch search, long budget) {
        Optional<Choice> greedy = last(MixedSearch.GREEDY, budget, 1).stream().findFirst();
        if (search == MixedSearch.GREEDY) {
            return greedy;
        }
        List<Choice> tried = new ArrayList<>(last(MixedSearch.EXACT, budget, TRIED));
        greedy.ifPresent(tried::add);
        return tried.stream().min(Comparator.comparingDouble(this::loss));
    }

    /** The dearest within a budget, the dearest first. */
    private List<Choice> last(MixedSearch search, long budget, int count) {
        return choices(search).reversed().stream()
                .filter(choice -> choice.cost() <= budget)
                .limit(count)
                .toList();
    }

    /**
     * The cheapest that is good enough, found by bisection: as if all that cost more were good enough too.
     *
     * @return empty where not even the dearest is
     */
    public Optional<Choice> cheapest(MixedSearch search, Predicate<Choice> isGoodEnough) {
        List<Choice> choices = choices(search);
        int good = choices.size();
        int bad = -1;
        while (good - bad > 1) {
            int middle = good == choices.size() ? good - 1 : (good + bad) / 2;
            if (isGoodEnough.test(choices.get(middle))) {
                good = middle;
            } else if (good == choices.size()) {
                return Optional.empty();
            } else {
                bad = middle;
            }
        }
        return Optional.of(choices.get(good));
    }

    /** What a choice really loses: that of the whole network, so quantized. */
    public double loss(Choice choice) {
        return once(
                "together " + choice.precisions(),
                "all groups together, in " + choice.precisions() + ",",
                () -> quantized(choice));
    }

    /** The network so quantized, its weights rounded to nearest. */
    public Graph quantized(Choice choice) {
        return network.together(choice.precisions());
    }

    /** What was chosen and why, with both searches' lists beside it; takes some evaluations. */
    public MixedReport report(MixedSearch search, Choice choice) {
        return MixedReport.of(this, search, choice);
    }
}
