package dev.limbeck.quantize;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Bit-operations for one item (van Baalen et al. 2020): multiply-accumulate operations times the bits of both factors, 32 for what is
 * not quantized.
 */
final class BitOperations {

    private static final int FLOAT_BITS = 32;
    private static final int REFERENCE_BITS = 8;

    private final Map<Node, Long> macs = new LinkedHashMap<>();

    /** @param itemShapes of the inputs, for one item */
    BitOperations(Graph graph, Map<String, long[]> itemShapes) {
        for (Cost.OfNode of : Cost.perNode(graph, ShapeInference.infer(graph, itemShapes))) {
            if (of.cost().macs() > 0) {
                macs.put(of.node(), of.cost().macs());
            }
        }
    }

    /** Nodes that multiply, in the order of the graph. */
    List<Node> layers() {
        return List.copyOf(macs.keySet());
    }

    /** Multiply-accumulate operations of these layers. */
    long macs(Collection<Node> layers) {
        return layers.stream().mapToLong(macs::get).sum();
    }

    /** @param encodings of what is quantized */
    long of(Collection<Node> layers, Map<String, Encoding> encodings) {
        return sum(layers, encodings, Encoding::bits);
    }

    /** With 8 bits wherever there are integers. */
    long ofEightBits(Map<String, Encoding> encodings) {
        return sum(
                macs.keySet(), encodings, encoding -> encoding.format().isFloat() ? encoding.bits() : REFERENCE_BITS);
    }

    private long sum(Collection<Node> layers, Map<String, Encoding> encodings, ToIntFunction<Encoding> bits) {
        long sum = 0;
        for (Node layer : layers) {
            long product = macs.get(layer);
            for (String factor : layer.inputs().subList(0, 2)) {
                Encoding encoding = encodings.get(factor);
                product = Math.multiplyExact(product, encoding == null ? FLOAT_BITS : bits.applyAsInt(encoding));
            }
            sum = Math.addExact(sum, product);
        }
        return sum;
    }
}
