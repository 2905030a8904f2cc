package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The order in which nodes can run, and which are needed at all. */
final class Topology {

    private Topology() {}

    /** Tensors of the outer graph that the subgraphs of a node (If, Loop) read. */
    static Set<String> captured(Node node) {
        Set<String> names = new LinkedHashSet<>();
        for (AttributeProto attribute : node.proto().getAttributeList()) {
            if (attribute.hasG()) {
                for (NodeProto inner : attribute.getG().getNodeList()) {
                    names.addAll(inner.getInputList());
                    names.addAll(captured(new Node(inner)));
                }
            }
        }
        return names;
    }

    /** Nodes that the outputs need, each after those that it reads from; the given order is kept wherever it is valid. */
    static List<Node> sortLive(
            List<Node> nodes, List<ValueInfo> inputs, List<ValueInfo> outputs, Set<String> constants) {
        Map<String, Node> makers = new HashMap<>();
        for (Node node : nodes) {
            node.outputs().stream().filter(o -> !o.isEmpty()).forEach(o -> makers.put(o, node));
        }
        Set<Node> live = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        Deque<String> wanted = new ArrayDeque<>();
        outputs.forEach(o -> wanted.add(o.name()));
        while (!wanted.isEmpty()) {
            Node maker = makers.get(wanted.pop());
            if (maker != null && live.add(maker)) {
                wanted.addAll(maker.inputs());
                wanted.addAll(captured(maker));
            }
        }
        Set<String> ready = new HashSet<>(constants);
        ready.add("");
        inputs.forEach(i -> ready.add(i.name()));
        List<Node> waiting =
                new ArrayList<>(nodes.stream().filter(live::contains).toList());
        List<Node> sorted = new ArrayList<>(waiting.size());
        while (!waiting.isEmpty()) {
            List<Node> later = new ArrayList<>();
            for (Node node : waiting) {
                boolean runs = ready.containsAll(node.inputs())
                        && captured(node).stream().allMatch(c -> ready.contains(c) || !makers.containsKey(c));
                if (runs) {
                    sorted.add(node);
                    ready.addAll(node.outputs());
                } else {
                    later.add(node);
                }
            }
            if (later.size() == waiting.size()) {
                Node stuck = later.getFirst();
                throw new IllegalStateException("node '" + stuck.label() + "' reads "
                        + stuck.inputs().stream()
                                .filter(i -> !ready.contains(i))
                                .toList()
                        + ", which nothing makes, or which depends on it");
            }
            waiting = later;
        }
        return sorted;
    }
}
