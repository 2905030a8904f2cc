package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Mixed precision of integers and floats: activations are ordered by the noise that quantizing each of them alone brings to the
 * network's output, and as few of the noisiest as are needed stay in floats.
 */
final class FloatIslands {

    /** Numbers of a few inputs, which tell enough of noise. */
    private static final int ELEMENTS = 1 << 19;

    private static final int MOST_ITEMS = 32;

    /** How near a network comes, in decibels, to one with integers for its weights only, where that one misses the minimum. */
    private static final double MARGIN = 1;

    private final Graph graph;
    private final QuantizationPlan plan;
    private final Map<String, ValueRange> ranges;
    private final QuantizeOptions options;
    private final Progress progress;
    private final Items few;
    private final float[] expected;

    /** @param ranges of the activations that the plan wants calibrated */
    FloatIslands(
            Graph graph,
            QuantizationPlan plan,
            Map<String, ValueRange> ranges,
            Items images,
            QuantizeOptions options,
            Progress progress) {
        this.graph = graph;
        this.plan = plan;
        this.ranges = ranges;
        this.options = options;
        this.progress = progress;
        this.few = images.slice(0, Math.min(images.count(), Math.clamp(ELEMENTS / images.itemSize(), 2, MOST_ITEMS)));
        this.expected = run(graph);
    }

    /**
     * @param plan with the activations that stay in floats left out
     * @param floats how many these are, of {@code all}
     * @param decibels that the output then has on the images
     */
    record Chosen(QuantizationPlan plan, int floats, int all, double decibels, double wanted) {
        String describe() {
            return "%d of %d activations stay in floats: output SQNR %.1f dB%s"
                    .formatted(
                            floats,
                            all,
                            decibels,
                            decibels < wanted ? " (%.1f dB cannot be had with these weights)".formatted(wanted) : "");
        }
    }

    Chosen choose() {
        double wanted = options.minimumSqnr().orElseThrow();
        double all = decibels(plan);
        int roots = roots().size();
        if (all >= wanted || roots == 0) {
            return new Chosen(plan, 0, roots, all, wanted);
        }
        List<String> noisiest = noisiest();
        double reachable = Math.min(wanted, decibels(without(noisiest, roots)) - MARGIN);
        int tooFew = 0;
        int enough = roots;
        while (enough - tooFew > 1) {
            int middle = (tooFew + enough) / 2;
            if (decibels(without(noisiest, middle)) >= reachable) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        QuantizationPlan chosen = without(noisiest, enough);
        return new Chosen(chosen, enough, roots, decibels(chosen), wanted);
    }

    /** Activations with a grid of their own. */
    private List<String> roots() {
        return plan.quantized().stream()
                .filter(tensor -> plan.root(tensor).equals(tensor))
                .toList();
    }

    private List<String> noisiest() {
        Map<String, Encoding> encodings = ActivationEncodings.choose(plan, ranges);
        Map<String, Double> decibels = new LinkedHashMap<>();
        List<String> roots = roots();
        for (String tensor : roots) {
            progress.report("sensitivity of activations", decibels.size(), roots.size(), tensor);
            Encodings one = new Encodings(Map.of(tensor, encodings.get(tensor)), Map.of());
            QuantizationPlan alone = new QuantizationPlan(graph, one);
            Map<String, Encoding> grids = new HashMap<>();
            alone.quantized().forEach(name -> grids.put(name, encodings.get(tensor)));
            decibels.put(tensor, decibels(new QdqWriter(graph, alone, grids).write()));
        }
        progress.report("sensitivity of activations", roots.size(), roots.size(), "");
        List<String> noisiest = new ArrayList<>(roots);
        noisiest.sort(Comparator.comparingDouble(decibels::get));
        return noisiest;
    }

    /** Those that share a grid with one that is left out are left out too. */
    private QuantizationPlan without(List<String> noisiest, int count) {
        Set<String> left = new HashSet<>(noisiest.subList(0, count));
        Set<String> sharing = new HashSet<>();
        plan.quantized().stream()
                .filter(tensor -> left.contains(plan.root(tensor)))
                .forEach(sharing::add);
        return plan.without(sharing);
    }

    private double decibels(QuantizationPlan tried) {
        Map<String, Encoding> encodings = new HashMap<>(ActivationEncodings.choose(tried, ranges));
        return decibels(new QdqWriter(graph, tried, encodings).write());
    }

    private double decibels(Graph quantized) {
        return LayerSensitivity.sqnr(expected, run(quantized));
    }

    private float[] run(Graph network) {
        FloatTensor output = Inference.run(network, few, ActivationRanges.batch(few), options.session());
        return output.data();
    }
}
