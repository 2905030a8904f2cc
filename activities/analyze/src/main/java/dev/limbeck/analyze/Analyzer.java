package dev.limbeck.analyze;

import dev.limbeck.analyze.Analysis.AlongGraph;
import dev.limbeck.analyze.Analysis.LayerActivation;
import dev.limbeck.analyze.Analysis.LayerWeights;
import dev.limbeck.analyze.Analysis.OnGrid;
import dev.limbeck.analyze.Analysis.Outcome;
import dev.limbeck.analyze.Analysis.Speed;
import dev.limbeck.analyze.Analysis.TensorError;
import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.learn.Judge;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.quantize.ActivationStatistics;
import dev.limbeck.quantize.Comparison;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.LayerSensitivity;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.quantize.WeightRanges;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.LimbeckVersion;
import dev.limbeck.schemas.Progress;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Looks at a network from all sides in one call: {@link #analyze(Graph, SampleSplits)}; {@link Analysis#write} makes a page of the answer.
 * docs/analyze.md has an example.
 */
public final class Analyzer {

    private final Graph network;
    private final AnalysisData data;
    private final AnalyzeOptions options;
    private final LayerCheckpoints memory;
    private final Progress progress;
    private final SessionOptions session;
    private final Map<String, String> missing = new LinkedHashMap<>();
    private final NodeGroups groups;
    private final Commands commands;
    private final Map<String, Long> macs;

    private Analyzer(
            Graph named, AnalysisData data, AnalyzeOptions options, LayerCheckpoints memory, Progress progress) {
        this.network = named;
        this.data = data;
        this.options = options;
        this.memory = memory;
        this.progress = progress;
        this.session =
                SessionOptions.defaults().withThreads(options.quantization().threads());
        this.groups = new NodeGroups(named);
        this.macs = macs();
        this.commands = Commands.of(named, data, options);
    }

    /** On images, as {@link AnalyzeOptions#defaults()} says. */
    public static Analysis analyze(Graph network, SampleSplits data) {
        AnalyzeOptions options = AnalyzeOptions.defaults();
        return analyze(
                network,
                AnalysisData.of(network, data, options),
                options,
                LayerCheckpoints.NONE,
                LatencyMeasurer.ofThisMachine(),
                Clock.systemUTC(),
                Progress.NONE);
    }

    /**
     * @param memory of this network and this data: what is scored there is not scored again
     * @param measurer of latencies; they are never remembered
     * @throws BadInputException if the network cannot be quantized. What else cannot be had of it is null, and the analysis says why
     */
    public static Analysis analyze(
            Graph network,
            AnalysisData data,
            AnalyzeOptions options,
            LayerCheckpoints memory,
            LatencyMeasurer measurer,
            Clock clock,
            Progress progress) {
        return new Analyzer(NodeGroups.named(network), data, options, memory, progress)
                .analyze(network.digest(), measurer, clock.instant());
    }

    private Analysis analyze(String digest, LatencyMeasurer measurer, Instant now) {
        QuantizeOptions plain = options.quantization();
        QuantizeOptions equalizing = plain.toBuilder().equalize(true).build();
        Items calibration = data.calibration();
        Graph prepared = Quantizer.prepare(network, calibration, plain);
        Quantized quantized = Quantizer.quantize(network, calibration, plain, progress);
        Graph equalizedFloats = Quantizer.prepare(network, calibration, equalizing);
        Optional<Quantized> equalized = sameWeights(prepared, equalizedFloats)
                ? Optional.empty()
                : Optional.of(Quantizer.quantize(network, calibration, equalizing, progress));
        if (equalized.isEmpty()) {
            missing.put("equalization", "no two layers follow one another whose channels can be rescaled");
        }
        Optional<Graph> prescaled = equalized.map(q -> equalizedFloats);
        List<Outcome> outcomes = outcomes(quantized, equalized);
        List<LayerWeights> weights = weights(prepared, prescaled);
        List<LayerActivation> activations =
                section("activations", () -> activations(prepared, prescaled, plain, equalizing));
        AlongGraph along = section("alongGraph", () -> alongGraph(quantized, equalized));
        Analysis.Sensitivity sensitivity = section("sensitivity", this::sensitivity);
        Analysis.Compression compression =
                section("compression", () -> new LayerCompression(network, groups, macs, session, options)
                        .measure(data, memory, progress));
        Speed speed = section("speed", () -> new LayerTimes(network, groups, macs, session, measurer)
                .measure(quantized.graph(), data.compared().slice(0, 1), progress));
        if (speed != null) {
            outcomes.set(0, outcomes.get(0).withLatency(speed.floatMillis()));
            outcomes.set(1, outcomes.get(1).withLatency(speed.quantizedMillis()));
        }
        Analysis whole = new Analysis(
                options.model(),
                LimbeckVersion.current().toString(),
                now.toString(),
                describe(digest, weights.size()),
                new Analysis.Data(
                        options.data(),
                        calibration.count(),
                        data.judged(),
                        data.compared().count(),
                        data.judge().floatAccuracy().isPresent()),
                "%s activations, one scale a tensor; %s weights, %s; %s ranges"
                        .formatted(
                                plain.activations(),
                                plain.weights(),
                                plain.granularity().describe(),
                                plain.calibration().name().toLowerCase(Locale.ROOT)),
                outcomes,
                List.of(),
                weights,
                activations,
                sensitivity,
                along,
                compression,
                speed,
                missing);
        return whole.withFindings(Findings.of(whole, commands));
    }

    /** What cannot be had of this network is left out, with the reason. */
    private <T> T section(String name, Supplier<T> make) {
        try {
            return make.get();
        } catch (BadInputException e) {
            missing.put(name, e.getMessage());
            return null;
        }
    }

    private static boolean sameWeights(Graph a, Graph b) {
        List<WeightRanges> one = WeightRanges.of(a);
        List<WeightRanges> other = WeightRanges.of(b);
        boolean same = one.size() == other.size();
        for (int i = 0; same && i < one.size(); i++) {
            same = Arrays.equals(one.get(i).least(), other.get(i).least())
                    && Arrays.equals(one.get(i).most(), other.get(i).most());
        }
        return same;
    }

    private List<Outcome> outcomes(Quantized quantized, Optional<Quantized> equalized) {
        String name = options.quantization().weights().bits() == 8
                        && options.quantization().activations().bits() == 8
                ? "INT8"
                : "%s weights, %s activations"
                        .formatted(
                                options.quantization().weights(),
                                options.quantization().activations());
        List<Outcome> outcomes = new ArrayList<>();
        outcomes.add(new Outcome(
                "float", data.judge().floatAccuracy().orElse(null), null, network.toBytes().length, null, null));
        outcomes.add(outcome(name, quantized.graph(), commands.quantize()));
        equalized.ifPresent(
                made -> outcomes.add(outcome(name + ", equalized", made.graph(), commands.quantize("--equalize"))));
        return outcomes;
    }

    private Outcome outcome(String name, Graph graph, String command) {
        progress.report("accuracy", 0, 1, name);
        Scores scores = new Scores(memory, "judged " + graph.digest() + " ");
        Judge.Score[] made = new Judge.Score[1];
        double sqnr = scores.of("sqnr", () -> judge(made, graph).sqnr());
        Double accuracy = data.judge().floatAccuracy().isEmpty()
                ? null
                : (Double) scores.of(
                        "accuracy", () -> judge(made, graph).accuracy().orElseThrow());
        progress.report("accuracy", 1, 1, name);
        return new Outcome(name, accuracy, finite(sqnr), graph.toBytes().length, null, command);
    }

    private Judge.Score judge(Judge.Score[] made, Graph graph) {
        if (made[0] == null) {
            made[0] = data.judge().score(graph);
        }
        return made[0];
    }

    private static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private List<LayerWeights> weights(Graph prepared, Optional<Graph> equalized) {
        Map<String, WeightRanges> after = new HashMap<>();
        equalized.ifPresent(graph -> WeightRanges.of(graph).forEach(ranges -> after.put(ranges.layer(), ranges)));
        return WeightRanges.of(prepared).stream()
                .map(ranges -> {
                    Optional<WeightRanges> other = Optional.ofNullable(after.get(ranges.layer()));
                    return new LayerWeights(
                            ranges.layer(),
                            ranges.op(),
                            ranges.least(),
                            ranges.most(),
                            ranges.spread(),
                            other.map(WeightRanges::least).orElse(null),
                            other.map(WeightRanges::most).orElse(null),
                            other.map(WeightRanges::spread).orElse(null));
                })
                .toList();
    }

    private List<LayerActivation> activations(
            Graph prepared, Optional<Graph> equalized, QuantizeOptions plain, QuantizeOptions equalizing) {
        List<ActivationStatistics> before = ActivationStatistics.of(prepared, data.calibration(), plain, progress);
        Map<String, ActivationStatistics> after = new HashMap<>();
        equalized.ifPresent(graph -> ActivationStatistics.of(graph, data.calibration(), equalizing, progress)
                .forEach(statistics -> after.put(statistics.tensor(), statistics)));
        if (before.isEmpty()) {
            throw new BadInputException("no activation is quantized to integers");
        }
        return before.stream()
                .map(statistics -> new LayerActivation(
                        statistics.tensor(),
                        onGrid(statistics),
                        after.containsKey(statistics.tensor()) ? onGrid(after.get(statistics.tensor())) : null))
                .toList();
    }

    private static OnGrid onGrid(ActivationStatistics statistics) {
        return new OnGrid(
                statistics.least(),
                statistics.most(),
                statistics.counts(),
                statistics.grid().min(0),
                statistics.grid().max(0),
                statistics.grid().highest() - statistics.grid().lowest(),
                statistics.medianSteps(),
                statistics.channelSteps().length);
    }

    private Analysis.Sensitivity sensitivity() {
        Scores scores = new Scores(memory, "sensitivity " + options.quantization() + " ");
        LayerSensitivity.Whole whole = LayerSensitivity.measureBothWays(
                network, data.calibration(), options.quantization(), options.layers(), scores, progress);
        if (whole.layers().isEmpty()) {
            throw new BadInputException("no layer has weights that are quantized");
        }
        return new Analysis.Sensitivity(
                whole.all(),
                whole.of(),
                whole.layers().stream()
                        .map(layer ->
                                new Analysis.LayerSensitivity(layer.name(), layer.op(), layer.alone(), layer.without()))
                        .toList());
    }

    private AlongGraph alongGraph(Quantized quantized, Optional<Quantized> equalized) {
        Comparison.Result before = compare(quantized.graph());
        Optional<Comparison.Result> after = equalized.map(made -> compare(recorded(made)));
        Map<String, Comparison.Layer> others = new HashMap<>();
        after.ifPresent(result -> result.layers().forEach(layer -> others.put(layer.tensor(), layer)));
        List<TensorError> tensors = before.layers().stream()
                .map(layer -> {
                    Optional<Comparison.Layer> other = Optional.ofNullable(others.get(layer.tensor()));
                    return new TensorError(
                            layer.tensor(),
                            groups.nameOf(layer.tensor()),
                            layer.operator(),
                            layer.quantized(),
                            layer.simulated().decibels(),
                            layer.computed().decibels(),
                            other.map(o -> o.simulated().decibels()).orElse(null),
                            other.map(o -> o.computed().decibels()).orElse(null));
                })
                .toList();
        return new AlongGraph(
                Comparison.THRESHOLD,
                tensors,
                before.firstWrong().map(Comparison.Layer::tensor).orElse(null),
                before.firstWrong().flatMap(Comparison.Layer::wrong).orElse(null),
                after.flatMap(Comparison.Result::firstWrong)
                        .map(Comparison.Layer::tensor)
                        .orElse(null),
                after.flatMap(Comparison.Result::firstWrong)
                        .flatMap(Comparison.Layer::wrong)
                        .orElse(null));
    }

    private Comparison.Result compare(Graph made) {
        return Comparison.compare(network, made, data.compared(), Comparison.THRESHOLD, session, progress);
    }

    /** What {@link Comparison} goes by when it undoes the factors of channels. */
    private Graph recorded(Quantized made) {
        return Provenance.of(
                        "quantize",
                        "1",
                        Map.of("steps", String.join("; ", made.steps())),
                        Map.of("model", network.digest()))
                .writeTo(made.graph());
    }

    private Analysis.Network describe(String digest, int layers) {
        Map<String, Integer> operators = new TreeMap<>();
        network.nodes().forEach(node -> operators.merge(node.op(), 1, Integer::sum));
        Optional<Cost> cost = cost();
        return new Analysis.Network(
                digest,
                network.inputs().stream().map(ValueInfo::toString).toList(),
                network.outputs().stream().map(ValueInfo::toString).toList(),
                network.nodes().size(),
                layers,
                cost.map(Cost::macs).orElse(null),
                cost.map(Cost::parameters).orElse(null),
                operators);
    }

    private Optional<Cost> cost() {
        try {
            return Cost.perNode(network, shapes()).stream()
                    .map(Cost.OfNode::cost)
                    .reduce(Cost::plus);
        } catch (BadInputException e) {
            return Optional.empty(); // an operator of unknown shape
        }
    }

    private Map<String, ValueInfo> shapes() {
        return ShapeInference.infer(network, data.compared().itemShapes());
    }

    /** Of each layer, by its name; empty where shapes are not known. */
    private Map<String, Long> macs() {
        Map<String, Long> found = new HashMap<>();
        try {
            for (Cost.OfNode cost : Cost.perNode(network, shapes())) {
                found.merge(groups.nameOf(cost.node().name()), cost.cost().macs(), Long::sum);
            }
        } catch (BadInputException e) {
            return Map.of();
        }
        return found;
    }
}
