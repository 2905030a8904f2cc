package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Constant folding, newer operator sets and sorting: the same function in ONNX Runtime before and after. */
class EditsTest {

    @Test
    void constantFoldingKeepsTheFunctionAndTheDynamicBatch() {
        Graph network = TestNetworks.transformer(2);

        Graph folded = ConstantFolding.fold(network);

        assertThat(Oracle.difference(network, folded, 1, 4)).isZero();
        assertThat(Oracle.difference(network, folded, 3, 4)).isZero();
    }

    @Test
    void constantFoldingEvaluatesShapesOfAFixedBatchAndLeavesOutIdentities() {
        GraphEditor editor = GraphEditor.create("fixed").input(new ValueInfo("x", ElementType.FLOAT, 2, 3, 4));
        String rows = editor.add(
                "Gather",
                "rows",
                editor.add("Shape", "shape", "x"),
                editor.initializer("i", TensorValue.ofLongs(new long[] {0}, 1)));
        editor.add(Node.of("Constant", "tail", List.of(), List.of("tail"))
                .withTensor("value", TensorValue.ofLongs(new long[] {-1}, 1)));
        editor.add(Node.of("Concat", "target", List.of(rows, "tail"), List.of("target"))
                .withInteger("axis", 0));
        String same = editor.add("Dropout", "dropped", editor.add("Identity", "same", "x"));
        String flat = editor.add("Relu", "flat", editor.add("Reshape", "reshaped", same, "target"));
        Graph graph =
                editor.output(new ValueInfo(flat, ElementType.FLOAT, 2, 12)).build();

        Graph folded = ConstantFolding.fold(graph);

        assertThat(folded.nodes()).extracting(Node::op).containsExactly("Reshape", "Relu");
        String target = folded.producer("reshaped").orElseThrow().input(1);
        assertThat(folded.initializers().get(target).longs()).containsExactly(0, -1);
        assertThat(Oracle.difference(graph, folded, 2, 1)).isZero();
    }

    /** As PyTorch's exporter writes a convolution without biases, and its bounds, when it does not optimize. */
    @Test
    void whatFollowsFromConstantsAloneIsFoldedForAnySize() {
        GraphEditor editor = GraphEditor.create("moved").input(new ValueInfo("x", ElementType.FLOAT, 2, 3, 4, 4));
        editor.initializer("w", TensorValue.ofFloats(new float[15], 5, 3, 1, 1));
        String channels = editor.add("Shape", "channels", "w");
        editor.replace(editor.nodes().getLast(), editor.nodes().getLast().withInteger("end", 1));
        editor.add(Node.of("Constant", "zero", List.of(), List.of("zero")).withTensor("value", TensorValue.scalar(0)));
        String zeros = editor.add("Expand", "zeros", editor.add("CastLike", "cast", "zero", "x"), channels);
        String y = editor.add("Conv", "y", "x", "w", zeros);
        String z = editor.add("Reshape", "z", y, editor.add("Shape", "same", y));
        Graph graph =
                editor.output(new ValueInfo(z, ElementType.FLOAT, 2, 5, 4, 4)).build();

        Graph folded = ConstantFolding.foldConstants(graph);

        assertThat(folded.nodes()).extracting(Node::op).containsExactly("Conv", "Shape", "Reshape");
        assertThat(folded.initializers().get(zeros).floats()).containsExactly(0, 0, 0, 0, 0);
        assertThat(ConstantFolding.fold(graph).nodes()).extracting(Node::op).containsExactly("Conv", "Reshape");
        assertThat(Oracle.difference(graph, folded, 2, 1)).isZero();
    }

    /** Whether the batch is 1 is answered alike for the sizes that shape inference tries, and not for all. */
    @Test
    void constantFoldingDoesNotAnswerWhatADynamicSizeDecides() {
        GraphEditor editor = GraphEditor.create("one or many").input(new ValueInfo("x", ElementType.FLOAT, -1, 3));
        editor.initializer("one", TensorValue.ofLongs(new long[] {1}, 1));
        editor.initializer("first", TensorValue.ofLongs(new long[] {0}, 1));
        String batch = editor.add("Gather", "batch", editor.add("Shape", "shape", "x"), "first");
        String y = editor.add(
                "Where", "y", editor.add("Equal", "single", batch, "one"), editor.add("Neg", "negative", "x"), "x");
        Graph graph = editor.output(new ValueInfo(y, ElementType.FLOAT, -1, 3)).build();

        Graph folded = ConstantFolding.fold(graph);

        assertThat(Oracle.difference(graph, folded, 1, 4)).isZero();
        assertThat(Oracle.difference(graph, folded, 2, 4)).isZero();
    }

    @Test
    void sortsALongChainInAnyOrderQuickly() {
        int length = 50_000;
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            nodes.add(Node.of("Relu", "n" + i, List.of("t" + i), List.of("t" + (i + 1))));
        }
        List<Node> shuffled = new ArrayList<>(nodes);
        Collections.shuffle(shuffled, new Random(1));
        ValueInfo input = new ValueInfo("t0", ElementType.FLOAT, 1);
        ValueInfo output = new ValueInfo("t" + length, ElementType.FLOAT, 1);

        assertThat(Topology.sortLive(shuffled, List.of(input), List.of(output), java.util.Set.of()))
                .containsExactlyElementsOf(nodes);
    }

    @Test
    void anEditorRefusesCyclesAndTensorsThatNothingMakes() {
        GraphEditor cycle = GraphEditor.create("cycle").output(new ValueInfo("a", ElementType.FLOAT, 1));
        cycle.add(Node.of("Relu", "first", List.of("b"), List.of("a")));
        cycle.add(Node.of("Relu", "second", List.of("a"), List.of("b")));
        GraphEditor missing = GraphEditor.create("missing").output(new ValueInfo("a", ElementType.FLOAT, 1));

        assertThatThrownBy(cycle::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cycle");
        assertThatThrownBy(missing::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'a'");
    }

    @Test
    void provenanceAndNormalizationSurviveTheFile() {
        Provenance provenance = Provenance.of("train", "3", Map.of("epochs", "5"), Map.of("reference", "abc"))
                .withSeed(Long.MIN_VALUE);
        InputNormalization normalization =
                new InputNormalization(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
        Provenance earlier = Provenance.of("new", "1", Map.of("width", "2"), Map.of());

        Graph written = normalization.writeTo(provenance.writeTo(earlier.writeTo(TestNetworks.convolutional(1))));
        Graph read = Graph.parse(written.toBytes(), "copy");

        assertThat(Provenance.of(read)).contains(provenance);
        assertThat(InputNormalization.of(read)).contains(normalization);
        assertThat(read.metadata()).doesNotContainKey("limbeck.parameters.width");
        assertThat(Provenance.of(TestNetworks.convolutional(1))).isEmpty();
    }

    @Test
    void refusesANormalizationThatIsNoNumber() {
        Graph odd = TestNetworks.convolutional(1)
                .withMetadata(Map.of(InputNormalization.MEAN_KEY, "half", InputNormalization.STD_KEY, "1"));

        assertThatThrownBy(() -> InputNormalization.of(odd))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("limbeck.input.mean")
                .hasMessageContaining("half");
    }
}
