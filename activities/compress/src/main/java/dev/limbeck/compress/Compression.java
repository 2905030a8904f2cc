package dev.limbeck.compress;

import dev.limbeck.compress.RatioSelection.Candidate;
import dev.limbeck.graph.Cost;
import dev.limbeck.graph.FloatNetworkChecks;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Makes a network smaller in one call.
 *
 * <pre>{@code
 * Compressed compressed = Compression.compressModel(
 *         network,
 *         candidate -> agreement(candidate, network, images),
 *         CompressScheme.SPATIAL_SVD,
 *         images,
 *         CompressOptions.of(0.5),
 *         Progress.NONE);
 * }</pre>
 */
public final class Compression {

    private static final String WHOLE = "the network as it is";

    private Compression() {}

    /** As {@link #compressModel(Graph, ToDoubleFunction, CompressScheme, FloatTensor, CompressOptions, ScoreMemory, Progress)},
     * remembering nothing. */
    public static Compressed compressModel(
            Graph network,
            ToDoubleFunction<Graph> evalCallback,
            CompressScheme scheme,
            FloatTensor images,
            CompressOptions options,
            Progress progress) {
        return compressModel(network, evalCallback, scheme, images, options, ScoreMemory.NONE, progress);
    }

    /**
     * Tries every candidate share of every layer alone, chooses one for each layer, and compresses all together. The same arguments give
     * the same network, as far as callback and cost do.
     *
     * @param evalCallback score of a network, such as its accuracy; larger is better. What it throws ends the work
     * @param images [images, ...] that the network takes: those that channel pruning fits layers by, and that factors of low rank come
     *     nearest for; these can do without any
     * @param memory of this callback, and no other: what it was asked before it is not asked again
     * @throws BadInputException if the network has nothing that the scheme can compress, or cannot be read by it, or if a score is no
     *     finite number
     * @throws IllegalStateException if the callback fails; it says which layer and share was judged
     */
    public static Compressed compressModel(
            Graph network,
            ToDoubleFunction<Graph> evalCallback,
            CompressScheme scheme,
            FloatTensor images,
            CompressOptions options,
            ScoreMemory memory,
            Progress progress) {
        Compressor compressor = compressor(network, scheme, images, options, progress);
        Scoring scoring = new Scoring(evalCallback, memory);
        List<List<Candidate>> units = candidates(network, compressor, compressor.units(), scoring, options, progress);
        return compressed(network, compressor, units, scoring, scheme, options);
    }

    /** As above. @param sensitivity what {@link #sensitivity} says of all layers, under the same options */
    public static Compressed compressModel(
            Graph network,
            List<List<Candidate>> sensitivity,
            ToDoubleFunction<Graph> evalCallback,
            CompressScheme scheme,
            FloatTensor images,
            CompressOptions options,
            ScoreMemory memory,
            Progress progress) {
        Compressor compressor = compressor(network, scheme, images, options, progress);
        return compressed(network, compressor, sensitivity, new Scoring(evalCallback, memory), scheme, options);
    }

    private static Compressed compressed(
            Graph network,
            Compressor compressor,
            List<List<Candidate>> units,
            Scoring scoring,
            CompressScheme scheme,
            CompressOptions options) {
        double score = scoring.of(network, WHOLE);
        double whole = options.cost().of(List.of(network)).getFirst();
        RatioSearch search = new RatioSearch(units, options, whole, kept -> left(network, compressor, kept, options));
        List<Candidate> taken = search.best();
        double share = search.left(taken);
        Graph compressed = compressor.compress(RatioSearch.kept(taken));
        return new Compressed(
                compressed,
                Cost.of(network),
                Cost.of(compressed),
                score,
                scoring.of(compressed, "the compressed network"),
                share <= options.ratio() ? Optional.empty() : Optional.of(missed(share, scheme, options)),
                share,
                taken,
                units);
    }

    private static String missed(double left, CompressScheme scheme, CompressOptions options) {
        boolean byMacs = options.cost() == NetworkCost.MACS;
        return "the ratio %s cannot be met; this is the %s network that %s makes of it (%.1f %% of the %s)"
                .formatted(
                        options.ratio(),
                        byMacs ? "smallest" : "fastest",
                        scheme.text(),
                        100 * left,
                        byMacs ? "MACs" : "latency");
    }

    /** Share of the whole network's cost, by both in one request. */
    private static double left(
            Graph network, Compressor compressor, Map<String, Integer> kept, CompressOptions options) {
        List<Double> costs = options.cost().of(List.of(network, compressor.shape(kept)));
        return costs.getLast() / costs.getFirst();
    }

    /**
     * What {@link #sensitivity} and the choice after it ask the cost of, but for whole choices, in the lists in which they do: for each
     * layer the network and then the shapes that it may get, with any weights; then the network alone.
     *
     * @throws BadInputException as {@link #compressModel}
     */
    public static List<List<Graph>> shapes(
            Graph network, CompressScheme scheme, FloatTensor images, CompressOptions options, Progress progress) {
        Compressor compressor = compressor(network, scheme, images, options, progress);
        List<List<Graph>> shapes = new ArrayList<>();
        for (Unit unit : compressor.units()) {
            shapes.add(shapes(network, compressor, unit, ratios(compressor, unit, options)));
        }
        shapes.add(List.of(network));
        return shapes;
    }

    private static List<Graph> shapes(Graph network, Compressor compressor, Unit unit, Map<Integer, Double> ratios) {
        List<Graph> shapes = new ArrayList<>(List.of(network));
        ratios.keySet().forEach(kept -> shapes.add(compressor.shape(Map.of(unit.name(), kept))));
        return shapes;
    }

    /** By rank, or number of channels; none that would save nothing. */
    private static Map<Integer, Double> ratios(Compressor compressor, Unit unit, CompressOptions options) {
        Map<Integer, Double> ratios = new LinkedHashMap<>();
        for (double ratio : options.candidates()) {
            int kept = rounded(compressor.kept(unit, ratio), options.multiple());
            if (kept < unit.size()) {
                ratios.putIfAbsent(kept, ratio);
            }
        }
        return ratios;
    }

    /** As {@link #sensitivity(Graph, ToDoubleFunction, CompressScheme, FloatTensor, CompressOptions, Predicate, ScoreMemory, Progress)},
     * remembering nothing. */
    public static List<List<Candidate>> sensitivity(
            Graph network,
            ToDoubleFunction<Graph> evalCallback,
            CompressScheme scheme,
            FloatTensor images,
            CompressOptions options,
            Predicate<String> wanted,
            Progress progress) {
        return sensitivity(network, evalCallback, scheme, images, options, wanted, ScoreMemory.NONE, progress);
    }

    /**
     * What each layer alone, compressed to each candidate share, does to the network's score.
     *
     * @param options of which ratio and selection are not looked at
     * @param wanted which layers to try, by name: that of the tensor that a layer makes, or of the first node that makes channels
     * @param memory as of {@link #compressModel}
     * @return the candidates of each layer, or of channels that layers share, with rising shares; the last one is the layer as it is
     * @throws BadInputException as {@link #compressModel}
     */
    public static List<List<Candidate>> sensitivity(
            Graph network,
            ToDoubleFunction<Graph> evalCallback,
            CompressScheme scheme,
            FloatTensor images,
            CompressOptions options,
            Predicate<String> wanted,
            ScoreMemory memory,
            Progress progress) {
        Compressor compressor = compressor(network, scheme, images, options, progress);
        List<Unit> units = compressor.units().stream()
                .filter(unit -> wanted.test(unit.name()))
                .toList();
        return candidates(network, compressor, units, new Scoring(evalCallback, memory), options, progress);
    }

    private static Compressor compressor(
            Graph network, CompressScheme scheme, FloatTensor images, CompressOptions options, Progress progress) {
        FloatNetworkChecks.check(network);
        return switch (scheme) {
            case SPATIAL_SVD, WEIGHT_SVD -> new SvdCompressor(network, scheme, images, progress);
            case CHANNEL_PRUNING -> new ChannelPruner(network, images, options.channels());
        };
    }

    private static List<List<Candidate>> candidates(
            Graph network,
            Compressor compressor,
            List<Unit> units,
            Scoring scoring,
            CompressOptions options,
            Progress progress) {
        double score = scoring.of(network, WHOLE);
        // first what may be measured, in one go
        List<Map<Integer, Double>> ratios =
                units.stream().map(unit -> ratios(compressor, unit, options)).toList();
        List<List<Double>> costs = new ArrayList<>();
        for (int u = 0; u < units.size(); u++) {
            costs.add(options.cost().of(shapes(network, compressor, units.get(u), ratios.get(u))));
        }
        List<List<Candidate>> all = new ArrayList<>();
        for (Unit unit : units) {
            List<Double> ofUnit = costs.get(all.size());
            List<Candidate> candidates = new ArrayList<>();
            for (Map.Entry<Integer, Double> entry : ratios.get(all.size()).entrySet()) {
                progress.report(
                        "sensitivity to compression",
                        (long) all.size() * options.candidates().size() + candidates.size(),
                        (long) units.size() * options.candidates().size(),
                        "%s, %.0f %%".formatted(unit.name(), 100 * entry.getValue()));
                String what = "layer '%s' at %.0f %%".formatted(unit.name(), 100 * entry.getValue());
                Graph one = compressor.compress(Map.of(unit.name(), entry.getKey()));
                candidates.add(new Candidate(
                        unit.name(),
                        entry.getValue(),
                        entry.getKey(),
                        ofUnit.get(candidates.size() + 1) - ofUnit.getFirst(),
                        scoring.of(one, what)));
            }
            candidates.add(new Candidate(unit.name(), 1, unit.size(), 0, score));
            all.add(RatioSearch.offset(candidates));
        }
        long total = (long) units.size() * options.candidates().size();
        progress.report("sensitivity to compression", total, total, "");
        return all;
    }

    private static int rounded(int kept, int multiple) {
        return Math.max(multiple, kept / multiple * multiple);
    }
}
