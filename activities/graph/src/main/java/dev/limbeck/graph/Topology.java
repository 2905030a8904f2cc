package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The order in which nodes can run, and which are needed at all; everything in time linear in the number of edges. */
final class Topology {

    private Topology() {}

    /** Every tensor that a node needs: its inputs, and what the graphs in its attributes (If, Loop) read from outside. */
    static Collection<String> reads(Node node) {
        Set<String> captured = captured(node);
        if (captured.isEmpty()) {
            return node.inputs();
        }
        captured.addAll(node.inputs());
        return captured;
    }

    /** Tensors of the outer graph that the subgraphs of a node (If, Loop) read. */
    static Set<String> captured(Node node) {
        Set<String> names = new LinkedHashSet<>();
        for (AttributeProto attribute : node.proto().getAttributeList()) {
            if (attribute.hasG()) {
                addCaptured(attribute.getG(), names);
            }
            attribute.getGraphsList().forEach(graph -> addCaptured(graph, names));
        }
        return names;
    }

    private static void addCaptured(GraphProto graph, Set<String> names) {
        Set<String> own = new HashSet<>();
        graph.getInputList().forEach(i -> own.add(i.getName()));
        graph.getInitializerList().forEach(i -> own.add(i.getName()));
        for (NodeProto inner : graph.getNodeList()) {
            own.addAll(inner.getOutputList());
        }
        Set<String> read = new LinkedHashSet<>();
        for (NodeProto inner : graph.getNodeList()) {
            read.addAll(reads(new Node(inner)));
        }
        graph.getOutputList().forEach(o -> read.add(o.getName()));
        read.stream().filter(name -> !name.isEmpty() && !own.contains(name)).forEach(names::add);
    }

    /**
     * Nodes that the outputs need, each after those that it reads from; the given order is kept where it is valid.
     *
     * @throws IllegalStateException if a tensor is read that nothing makes, or nodes form a cycle
     */
    static List<Node> sortLive(
            List<Node> nodes, List<ValueInfo> inputs, List<ValueInfo> outputs, Set<String> constants) {
        Set<String> given = given(inputs, constants);
        Map<String, Node> makers = makers(nodes, given);
        Set<Node> live = live(outputs, makers);
        Sorter sorter = new Sorter(makers, given);
        for (Node node : nodes) {
            if (live.contains(node)) {
                sorter.place(node);
            }
        }
        outputs.stream()
                .filter(o -> !makers.containsKey(o.name()) && !given.contains(o.name()))
                .findFirst()
                .ifPresent(o -> {
                    throw new IllegalStateException("output '" + o.name() + "' is made by no node");
                });
        return sorter.sorted;
    }

    /** All nodes, each after those that it reads from. */
    static List<Node> sort(List<Node> nodes, List<ValueInfo> inputs, Set<String> constants) {
        Set<String> given = given(inputs, constants);
        Sorter sorter = new Sorter(makers(nodes, given), given);
        nodes.forEach(sorter::place);
        return sorter.sorted;
    }

    private static Set<String> given(List<ValueInfo> inputs, Set<String> constants) {
        Set<String> given = new HashSet<>(constants);
        given.add("");
        inputs.forEach(i -> given.add(i.name()));
        return given;
    }

    /** Who makes each tensor that is not given. */
    private static Map<String, Node> makers(List<Node> nodes, Set<String> given) {
        Map<String, Node> makers = new HashMap<>();
        for (Node node : nodes) {
            node.outputs().forEach(o -> makers.put(o, node));
        }
        given.forEach(makers::remove);
        return makers;
    }

    private static Set<Node> live(List<ValueInfo> outputs, Map<String, Node> makers) {
        Set<Node> live = identitySet();
        Deque<String> wanted = new ArrayDeque<>();
        outputs.forEach(o -> wanted.add(o.name()));
        while (!wanted.isEmpty()) {
            Node maker = makers.get(wanted.pop());
            if (maker != null && live.add(maker)) {
                wanted.addAll(reads(maker));
            }
        }
        return live;
    }

    private static Set<Node> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    /** Depth-first over what a node reads; with a stack of its own, as networks are deeper than the thread's. */
    private static final class Sorter {
        private final Map<String, Node> makers;
        private final Set<String> given;
        private final List<Node> sorted = new ArrayList<>();
        private final Set<Node> placed = identitySet();
        private final Set<Node> open = identitySet();

        Sorter(Map<String, Node> makers, Set<String> given) {
            this.makers = makers;
            this.given = given;
        }

        void place(Node root) {
            Deque<Node> stack = new ArrayDeque<>();
            stack.push(root);
            while (!stack.isEmpty()) {
                Node node = stack.peek();
                if (placed.contains(node)) {
                    stack.pop();
                } else if (open.add(node)) {
                    pushMakers(node, stack);
                } else {
                    stack.pop();
                    open.remove(node);
                    placed.add(node);
                    sorted.add(node);
                }
            }
        }

        private void pushMakers(Node node, Deque<Node> stack) {
            Set<String> captured = captured(node);
            for (String name : captured.isEmpty() ? node.inputs() : reads(node)) {
                Node maker = makers.get(name);
                if (maker == null && !given.contains(name)) {
                    throw new IllegalStateException(
                            "node '" + node.label() + "' reads tensor '" + name + "', which nothing makes");
                }
                if (maker != null && open.contains(maker)) {
                    throw new IllegalStateException("node '" + node.label() + "' reads tensor '" + name
                            + "', which depends on it: the nodes form a cycle");
                }
                if (maker != null && !placed.contains(maker)) {
                    stack.push(maker);
                }
            }
        }
    }
}
