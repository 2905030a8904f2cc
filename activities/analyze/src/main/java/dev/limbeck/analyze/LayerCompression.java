package dev.limbeck.analyze;

import dev.limbeck.analyze.Analysis.CompressedLayer;
import dev.limbeck.analyze.Analysis.Share;
import dev.limbeck.compress.CompressOptions;
import dev.limbeck.compress.Compression;
import dev.limbeck.compress.RatioSelection.Candidate;
import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.quantize.Comparison;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How far the output goes from the network's own where one layer alone is compressed. */
final class LayerCompression {

    /** What is kept of a layer. */
    private static final List<Double> SHARES = List.of(0.25, 0.5, 0.75);

    private static final int BATCH = 16;

    private final Graph network;
    private final NodeGroups groups;
    private final Map<String, Long> macs;
    private final SessionOptions session;
    private final AnalyzeOptions options;

    /** @param macs of each layer */
    LayerCompression(
            Graph network, NodeGroups groups, Map<String, Long> macs, SessionOptions session, AnalyzeOptions options) {
        this.network = network;
        this.groups = groups;
        this.macs = macs;
        this.session = session;
        this.options = options;
    }

    /** Of the layers with the most operations. @param memory of this network and this data */
    Analysis.Compression measure(AnalysisData data, LayerCheckpoints memory, Progress progress) {
        Graph folded = BatchNormFolding.fold(network);
        Items few = data.compared();
        float[] expected = output(folded, few).data();
        Scores scores = new Scores(memory, "compression ");
        FloatTensor images = data.calibration().inputs().values().iterator().next();
        Set<String> largest = macs.keySet().stream()
                .sorted()
                .sorted(Comparator.comparingLong(macs::get).reversed())
                .limit(options.layers())
                .collect(Collectors.toSet());
        List<List<Candidate>> units = Compression.sensitivity(
                folded,
                candidate -> scores.of(
                        candidate.digest(),
                        () -> sqnr(expected, output(candidate, few).data())),
                options.scheme(),
                images,
                CompressOptions.of(SHARES.getFirst()).withCandidates(SHARES),
                unit -> largest.contains(groups.nameOf(unit)),
                progress);
        return new Analysis.Compression(options.scheme().text(), layers(units));
    }

    private List<CompressedLayer> layers(List<List<Candidate>> units) {
        double whole = macs.values().stream().mapToLong(Long::longValue).sum();
        List<CompressedLayer> layers = new ArrayList<>();
        for (List<Candidate> unit : units) {
            if (unit.size() == 1) {
                continue; // so small that no share saves anything
            }
            double most = unit.getLast().cost();
            String layer = groups.nameOf(unit.getLast().unit());
            layers.add(new CompressedLayer(
                    layer,
                    macs.get(layer) / whole,
                    unit.subList(0, unit.size() - 1).stream()
                            .map(c -> new Share(c.ratio(), c.kept(), 1 - (most - c.cost()) / whole, c.score()))
                            .toList()));
        }
        return layers;
    }

    private FloatTensor output(Graph graph, Items items) {
        return Inference.run(graph, items, BATCH, session);
    }

    private static double sqnr(float[] expected, float[] actual) {
        long[] shape = {1, expected.length};
        return Math.min(
                Comparison.Deviation.MOST_DECIBELS,
                Evaluation.sqnr(new FloatTensor(expected, shape), new FloatTensor(actual, shape)));
    }
}
