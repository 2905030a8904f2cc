package dev.limbeck.compress;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Weights as products of low rank. */
final class SvdCompressor implements Compressor {

    private final Graph network;
    private final Map<String, FactoredLayer> layers = new LinkedHashMap<>();

    /** @throws BadInputException if the network has no layer that the scheme can split */
    SvdCompressor(Graph network, CompressScheme scheme, Progress progress) {
        this.network = network;
        Map<String, ValueInfo> shapes = ShapeInference.infer(network, 1);
        List<Cost.OfNode> costs = Cost.perNode(network, shapes);
        for (int i = 0; i < costs.size(); i++) {
            Cost.OfNode cost = costs.get(i);
            progress.report("decompose weights", i, costs.size(), cost.node().label());
            if (cost.cost().macs() > 0) {
                FactoredLayer.of(network, cost.node(), scheme, cost.cost().macs(), shapes)
                        .ifPresent(layer -> layers.put(layer.node().output(0), layer));
            }
        }
        progress.report("decompose weights", costs.size(), costs.size(), "");
        if (layers.isEmpty()) {
            throw new BadInputException("network '%s' has no %s with a constant weight of floats that %s could split"
                    .formatted(
                            network.name(),
                            scheme == CompressScheme.SPATIAL_SVD
                                    ? "two-dimensional convolution without groups"
                                    : "convolution without groups or matrix product",
                            scheme));
        }
    }

    @Override
    public List<Unit> units() {
        List<Unit> units = new ArrayList<>();
        layers.forEach((name, layer) -> units.add(new Unit(name, layer.maximumRank())));
        return units;
    }

    @Override
    public int kept(Unit unit, double ratio) {
        return layers.get(unit.name()).rank(ratio);
    }

    @Override
    public Graph compress(Map<String, Integer> kept) {
        GraphEditor editor = network.edit();
        kept.forEach((name, rank) -> {
            FactoredLayer layer = layers.get(name);
            if (rank < layer.maximumRank()) {
                layer.split(editor, rank);
            }
        });
        return editor.build();
    }

    @Override
    public Graph shape(Map<String, Integer> kept) {
        return compress(kept);
    }
}
