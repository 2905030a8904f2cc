package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every edit against ONNX Runtime: the same function before and after. */
class EditsTest {

    private static final FloatTensor INPUT =
            new FloatTensor(SampleGraphs.random(new Random(3), 2, 3, 8, 8).floats(), 2, 3, 8, 8);

    private final Graph graph = SampleGraphs.residual();

    @Test
    void inferredShapesAreThoseOfTheRuntime() {
        Map<String, ValueInfo> inferred = ShapeInference.infer(graph, 2);
        Oracle.run(Oracle.exposed(graph), INPUT)
                .forEach((name, value) ->
                        assertThat(inferred.get(name).shape()).as(name).isEqualTo(value.shape()));
    }

    @Test
    void foldingKeepsTheFunctionAndLeavesNoNormalization() {
        Graph folded = BatchNormFolding.fold(graph);
        assertThat(folded.nodes()).noneMatch(node -> node.op().equals("BatchNormalization"));
        assertSameFunction(folded);
    }

    @Test
    void findsTheTensorsThroughWhichEverythingFlows() {
        assertThat(Cuts.find(graph)).containsExactly("conv0", "conv0.bn", "stem", "sum", "pool", "flat");
    }

    @Test
    void extractingAndSplicingIsTheIdentity() {
        List<String> cuts = Cuts.find(graph);
        for (int i = 0; i < cuts.size(); i++) {
            for (int j = i + 1; j < cuts.size(); j++) {
                Graph part = Subgraph.extract(graph, cuts.get(i), cuts.get(j));
                assertSameFunction(Splice.replace(graph, cuts.get(i), cuts.get(j), part, "b."));
            }
        }
    }

    @Test
    void partsRunOneAfterAnother() {
        FloatTensor middle = Oracle.run(Subgraph.prefix(graph, "stem"), INPUT).get("stem");
        FloatTensor sum =
                Oracle.run(Subgraph.extract(graph, "stem", "sum"), middle).get("sum");
        FloatTensor whole = Oracle.run(Oracle.exposed(graph), INPUT).get("sum");
        assertThat(sum.data()).containsExactly(whole.data(), within(1e-3f));
    }

    @Test
    void countsMultiplicationsAndParameters() {
        // 4x4 outputs: 16 * 4 * (27 + 36 + 36) and 4 * 5; weights 108 + 144 + 144 + 20, norms 3 * 8, bias 5
        assertThat(Cost.of(graph)).isEqualTo(new Cost(16 * 4 * 99 + 20, 416 + 24 + 5));
    }

    @Test
    void sameGraphSameDigestAfterReadingItBack() {
        assertThat(Graph.parse(graph.toBytes(), "copy")).isEqualTo(graph);
    }

    private void assertSameFunction(Graph edited) {
        assertThat(Oracle.run(edited, INPUT).get("y").data())
                .containsExactly(Oracle.run(graph, INPUT).get("y").data(), within(1e-3f));
    }
}
