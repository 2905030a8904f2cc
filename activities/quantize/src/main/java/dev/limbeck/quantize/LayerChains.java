package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Layers whose channels may be rescaled against each other: a layer, depthwise layers, and the one that mixes channels again. Between
 * two of them only operators with f(s x) = s f(x) for s > 0, applied to each channel by itself, and no other reader.
 */
final class LayerChains {

    private static final Set<String> HOMOGENEOUS =
            Set.of("Relu", "LeakyRelu", "PRelu", "MaxPool", "AveragePool", "GlobalAveragePool", "Identity", "Dropout");

    private final Graph graph;
    private final boolean throughClips;
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private final Set<String> clips = new HashSet<>();

    /** @param throughClips whether a Clip from zero counts as a ReLU */
    LayerChains(Graph graph, boolean throughClips) {
        this.graph = graph;
        this.throughClips = throughClips;
        graph.nodes().forEach(node -> Layer.of(graph, node).ifPresent(layer -> layers.put(node.output(0), layer)));
    }

    Map<String, Layer> layers() {
        return layers;
    }

    /** Each of two or more layers, in the order of the graph; a layer can end one chain and begin the next. */
    List<List<Layer>> find() {
        Map<Layer, Layer> next = new LinkedHashMap<>();
        for (Layer layer : layers.values()) {
            Layer follower = follower(layer);
            if (follower != null) {
                next.put(layer, follower);
            }
        }
        Set<Layer> reached = new HashSet<>(next.values());
        List<List<Layer>> chains = new ArrayList<>();
        for (Layer layer : next.keySet()) {
            boolean inside = layer.isDepthwise() && reached.contains(layer);
            if (inside) {
                continue;
            }
            List<Layer> chain = new ArrayList<>(List.of(layer));
            Layer last = next.get(layer);
            chain.add(last);
            while (last.isDepthwise() && next.containsKey(last)) {
                last = next.get(last);
                chain.add(last);
            }
            chains.add(chain);
        }
        return chains;
    }

    /** Outputs of the Clips that lie between layers of the chains found. */
    Set<String> clips() {
        return clips;
    }

    private Layer follower(Layer layer) {
        List<String> passed = new ArrayList<>();
        String tensor = layer.node().output(0);
        if (layer.node().op().equals("MatMul")) {
            return null; // its channels are the last axis, whatever comes before
        }
        boolean flat = layer.node().op().equals("Gemm");
        while (true) {
            String current = tensor;
            List<Node> readers = graph.consumers(current);
            boolean isOutput = graph.outputs().stream().anyMatch(o -> o.name().equals(current));
            if (readers.size() != 1 || isOutput) {
                return null;
            }
            Node reader = readers.getFirst();
            if (!reader.input(0).equals(current) || Collections.frequency(reader.inputs(), current) > 1) {
                return null;
            }
            Layer found = layers.get(reader.output(0));
            if (found != null) {
                boolean fits = found.node().op().equals("Conv")
                        ? !flat && found.inputs() == layer.outputs()
                        : flat && found.inputs() % layer.outputs() == 0;
                if (fits) {
                    clips.addAll(passed);
                }
                return fits ? found : null;
            }
            if (throughClips && isClipFromZero(reader)) {
                passed.add(reader.output(0));
            } else if (isFlatten(reader)) {
                flat = true;
            } else if (!flat && layer.isTwoDimensional() && isSpatialMean(reader)) {
                flat = reader.integer("keepdims", 1) == 0;
            } else if (!HOMOGENEOUS.contains(reader.op())) {
                return null;
            }
            tensor = reader.output(0);
        }
    }

    private boolean isClipFromZero(Node node) {
        return node.op().equals("Clip")
                && graph.initializer(node.input(1))
                        .filter(v -> v.scalarFloat() == 0)
                        .isPresent();
    }

    /** A mean over the positions of an image, behind a two-dimensional convolution. */
    private boolean isSpatialMean(Node node) {
        if (!node.op().equals("ReduceMean")) {
            return false;
        }
        long[] axes = node.hasInput(1)
                ? graph.initializer(node.input(1)).map(TensorValue::longs).orElse(new long[0])
                : node.integers("axes");
        long[] positive = Arrays.stream(axes)
                .map(axis -> axis < 0 ? axis + 4 : axis)
                .sorted()
                .toArray();
        return Arrays.equals(positive, new long[] {2, 3});
    }

    /** Flatten, or a Reshape to rows: [N, C, ...] to [N, features]. */
    private boolean isFlatten(Node node) {
        if (node.op().equals("Flatten")) {
            return node.integer("axis", 1) == 1;
        }
        return node.op().equals("Reshape")
                && graph.initializer(node.input(1))
                        .filter(shape -> shape.size() == 2)
                        .map(shape -> shape.longs())
                        .filter(dims -> dims[1] == -1 || dims[0] == -1 || dims[0] == 0)
                        .isPresent();
    }
}
