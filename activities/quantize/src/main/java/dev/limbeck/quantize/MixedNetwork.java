package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A network whose groups of layers may have different precisions.
 *
 * @param prepared the float network, as quantization begins with it
 * @param base what the network is quantized with but for the formats of its groups: the widest precision that is no float
 * @param grids of everything, with this precision for all
 */
record MixedNetwork(
        Graph prepared,
        QuantizeOptions base,
        Precision widest,
        List<LayerGroup> groups,
        BitOperations bitOperations,
        Map<Precision, Map<String, Encoding>> grids) {

    /** @param candidates the widest first */
    static MixedNetwork of(
            Graph network, Items images, QuantizeOptions options, List<Precision> candidates, Progress progress) {
        if (options.matMulBlockSize() > 0 || options.minimumSqnr().isPresent()) {
            throw new BadInputException("network '" + network.name()
                    + "': mixed precision cannot be had with blocks of matrix products nor with a minimum of SQNR;"
                    + " leave them out");
        }
        Map<NumberFormat, Quantizer.Calibrated> calibrated = new HashMap<>();
        Map<Precision, Map<String, Encoding>> grids = new LinkedHashMap<>();
        for (Precision candidate : candidates) {
            QuantizeOptions uniform = candidate.applied(options).build();
            Quantizer.Calibrated of = calibrated.computeIfAbsent(
                    candidate.activations(),
                    format -> Quantizer.calibrated(network, images, uniform, new ArrayList<>(), progress));
            Map<String, Encoding> encodings = new HashMap<>(of.encodings());
            // chooses the weights' encodings
            new QdqWriter(of.network(), new QuantizationPlan(of.network(), uniform), encodings).write();
            grids.put(candidate, encodings);
        }
        Graph prepared = calibrated.get(candidates.getFirst().activations()).network();
        Precision widest = candidates.stream()
                .filter(Precision::isQuantized)
                .max(Comparator.comparingInt(candidate -> grids.get(candidate).size()))
                .orElseThrow();
        QuantizeOptions base = widest.applied(options).build();
        BitOperations bitOperations = new BitOperations(prepared, images.itemShapes());
        List<LayerGroup> groups = LayerGroups.of(
                prepared, new QuantizationPlan(prepared, base), grids.get(widest), bitOperations.layers());
        if (groups.isEmpty()) {
            throw new BadInputException("network '" + network.name() + "' has nothing that can be quantized");
        }
        return new MixedNetwork(prepared, base, widest, groups, bitOperations, grids);
    }

    /** The float network with only this group quantized. */
    Graph alone(LayerGroup group, Precision precision) {
        Map<String, Encoding> all = grids.get(precision);
        return Quantizer.quantize(
                        prepared,
                        new Encodings(
                                pick(all, group.activations(), tensor -> true),
                                pick(all, group.weights(), tensor -> true)))
                .graph();
    }

    /** The network with a precision for each group, its weights rounded to nearest. */
    Graph together(List<Precision> precisions) {
        QuantizationPlan plan = new QuantizationPlan(prepared, options(precisions));
        Map<String, Encoding> encodings = new HashMap<>();
        for (int g = 0; g < groups.size(); g++) {
            Map<String, Encoding> all = grids.get(precisions.get(g));
            encodings.putAll(pick(all, groups.get(g).activations(), plan.quantized()::contains));
            encodings.putAll(pick(all, groups.get(g).weights(), weight -> true));
        }
        return new QdqWriter(prepared, plan, encodings).write();
    }

    private static Map<String, Encoding> pick(
            Map<String, Encoding> from, List<String> tensors, Predicate<String> wanted) {
        Map<String, Encoding> picked = new LinkedHashMap<>();
        tensors.stream()
                .filter(tensor -> from.containsKey(tensor) && wanted.test(tensor))
                .forEach(tensor -> picked.put(tensor, from.get(tensor)));
        return picked;
    }

    /** Options that quantize the network so. @param precisions one for each group */
    QuantizeOptions options(List<Precision> precisions) {
        Map<String, NumberFormat> formats = new HashMap<>();
        for (int g = 0; g < groups.size(); g++) {
            Precision precision = precisions.get(g);
            if (!precision.activations().equals(widest.activations())) {
                groups.get(g).activations().forEach(tensor -> formats.put(tensor, precision.activations()));
            }
            if (!precision.weights().equals(widest.weights())) {
                groups.get(g).weights().forEach(tensor -> formats.put(tensor, precision.weights()));
            }
        }
        return base.toBuilder().formats(formats).build();
    }
}
