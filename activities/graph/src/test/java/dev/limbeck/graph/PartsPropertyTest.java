package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Laws of cuts and parts on random graphs of element-wise operators. */
class PartsPropertyTest {

    @Property(tries = 300)
    void cutsAreExactlyTheTensorsWithoutWhichNoOutputIsReached(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int nodes) {
        Graph graph = random(seed, nodes);
        List<String> tensors = Oracle.tensors(graph);

        List<String> expected = tensors.stream()
                .filter(tensor -> !graph.isOutput(tensor))
                .filter(tensor -> separates(graph, tensor))
                .toList();

        assertThat(Cuts.find(graph)).containsExactlyElementsOf(expected);
    }

    @Property(tries = 25)
    void extractingAndSplicingIsTheIdentityBetweenAnyTwoCuts(
            @ForAll long seed, @ForAll @IntRange(min = 4, max = 14) int nodes) {
        Graph graph = random(seed, nodes);
        List<String> bounds = new ArrayList<>(Cuts.find(graph));
        bounds.addFirst("x");
        bounds.addLast(graph.outputs().getFirst().name());
        Random random = new Random(seed);
        int from = random.nextInt(bounds.size() - 1);
        int to = from + 1 + random.nextInt(bounds.size() - 1 - from);

        Graph part = Subgraph.extract(graph, bounds.get(from), bounds.get(to));
        Graph spliced = Splice.replace(graph, bounds.get(from), bounds.get(to), part, "p.");

        assertThat(part.inputs()).hasSize(1);
        assertThat(spliced.nodes()).hasSameSizeAs(graph.nodes());
        assertThat(spliced.outputs()).isEqualTo(graph.outputs());
        assertThat(Oracle.difference(graph, spliced, 2, seed)).isZero();
        assertThat(Graph.parse(spliced.toBytes(), "spliced")).isEqualTo(spliced);
    }

    /** Whether no output depends on an input once the tensor is taken away, and something does depend on it. */
    private static boolean separates(Graph graph, String tensor) {
        Set<String> reached = new HashSet<>(Set.of("x"));
        for (Node node : graph.nodes()) {
            if (node.inputs().stream().anyMatch(reached::contains)) {
                node.outputs().stream().filter(o -> !o.equals(tensor)).forEach(reached::add);
            }
        }
        Set<String> dependent = new HashSet<>(Set.of("x"));
        for (Node node : graph.nodes()) {
            if (node.inputs().stream().anyMatch(dependent::contains)) {
                dependent.addAll(node.outputs());
            }
        }
        return dependent.contains(tensor) && graph.outputs().stream().noneMatch(o -> reached.contains(o.name()));
    }

    private static Graph random(long seed, int nodes) {
        Random random = new Random(seed);
        GraphEditor editor = GraphEditor.create("random").input(new ValueInfo("x", ElementType.FLOAT, -1, 3));
        editor.initializer("c", TensorValue.ofFloats(new float[] {1, -2, 0.5f}, 3));
        List<String> tensors = new ArrayList<>(List.of("x"));
        for (int i = 0; i < nodes; i++) {
            // Mostly the last tensors are read, so that cuts are frequent.
            String near = tensors.get(tensors.size() - 1);
            String far = tensors.get(random.nextInt(Math.max(0, tensors.size() - 4), tensors.size()));
            tensors.add(
                    switch (random.nextInt(6)) {
                        case 0 -> editor.add("Relu", "relu" + i, near);
                        case 1 -> editor.add("Tanh", "tanh" + i, near);
                        case 2 -> editor.add("Mul", "mul" + i, near, "c");
                        case 3 -> editor.add("Add", "fixed" + i, near, editor.add("Neg", "constant" + i, "c"));
                        case 4 -> editor.add("Add", "add" + i, near, far);
                        default -> editor.add("Add", "side" + i, near, editor.add("Sigmoid", "sigmoid" + i, far));
                    });
        }
        return editor.output(new ValueInfo(tensors.getLast(), ElementType.FLOAT, -1, 3))
                .build();
    }
}
