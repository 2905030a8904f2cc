package dev.limbeck.compress;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Weights as products of low rank that come nearest for what the layers read of images, where there are any. */
final class SvdCompressor implements Compressor {

    private final Graph network;
    private final Optional<FitImages> images;
    private final Progress progress;
    private final Map<String, FactoredLayer> layers = new LinkedHashMap<>();
    private final Map<String, SingularValues> values = new HashMap<>();

    /** @throws BadInputException if the network has no layer that the scheme can split */
    SvdCompressor(Graph network, CompressScheme scheme, FloatTensor images, Progress progress) {
        this.network = network;
        boolean given =
                images.batch() > 0 && network.inputs().size() == 1; // one tensor cannot be what several inputs take
        this.images = given ? Optional.of(FitImages.of(network, images)) : Optional.empty();
        this.progress = progress;
        Map<String, ValueInfo> shapes = ShapeInference.infer(network, 1);
        for (Cost.OfNode cost : Cost.perNode(network, shapes)) {
            if (cost.cost().macs() > 0) {
                FactoredLayer.of(network, cost.node(), scheme, cost.cost().macs(), shapes)
                        .ifPresent(layer -> layers.put(layer.node().output(0), layer));
            }
        }
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
        if (values.isEmpty()) {
            decompose();
        }
        return split(kept, layer -> values.get(layer.node().output(0)));
    }

    /** Only when it is needed: shapes are asked for again and again where latencies are measured elsewhere. */
    private void decompose() {
        Map<String, NormalEquations> read = equations();
        Map<String, SingularValues> all = new HashMap<>();
        layers.forEach((name, layer) -> {
            progress.report(
                    "decompose weights", all.size(), layers.size(), layer.node().label());
            all.put(name, layer.decomposed(Optional.ofNullable(read.get(name))));
        });
        progress.report("decompose weights", layers.size(), layers.size(), "");
        values.putAll(all);
    }

    /** Of what the layers read; empty without images. */
    private Map<String, NormalEquations> equations() {
        Map<String, NormalEquations> equations = new LinkedHashMap<>();
        images.ifPresent(all -> {
            layers.forEach((name, layer) -> equations.put(
                    name,
                    new NormalEquations(
                            layer.first(), layer.firstKernel(), layer.matrix().length, 0, all.positions())));
            // one output as well: no session is without, even if all layers read the network's input
            List<String> made = Stream.concat(
                            layers.keySet().stream().limit(1),
                            layers.values().stream()
                                    .map(layer -> layer.node().input(0))
                                    .filter(tensor -> network.producer(tensor).isPresent()))
                    .distinct()
                    .toList();
            try (Session session = Activations.open(network, made, SessionOptions.defaults())) {
                all.forEachBatch(batch -> {
                    Map<String, FloatTensor> read = new HashMap<>(batch);
                    read.putAll(session.run(batch));
                    equations.forEach(
                            (name, sums) -> sums.add(layers.get(name).read(read), NormalEquations.Target.NONE));
                });
            }
        });
        return equations;
    }

    @Override
    public Graph shape(Map<String, Integer> kept) {
        return split(kept, FactoredLayer::anyFactors);
    }

    private Graph split(Map<String, Integer> kept, Function<FactoredLayer, SingularValues> factors) {
        GraphEditor editor = network.edit();
        kept.forEach((name, rank) -> {
            FactoredLayer layer = layers.get(name);
            if (rank < layer.maximumRank()) {
                layer.split(editor, factors.apply(layer), rank);
            }
        });
        return editor.build();
    }
}
