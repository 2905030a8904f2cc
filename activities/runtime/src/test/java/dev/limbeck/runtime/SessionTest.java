package dev.limbeck.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {

    private static final float[] ITEMS = {1, -2, 3, -4, 5, -6};

    /** y = relu(2 x), with 2 x exposed as "doubled". */
    private static Graph doubleThenRelu() {
        GraphEditor editor = GraphEditor.create("double")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 2))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 2));
        editor.initializer("two", TensorValue.scalar(2));
        editor.add("Mul", "doubled", "x", "two");
        editor.add(Node.of("Relu", "relu", List.of("doubled"), List.of("y")));
        return editor.build();
    }

    @Test
    void runsInBatchesOfWhichTheLastIsSmaller() {
        FloatTensor out = Inference.run(doubleThenRelu(), new FloatTensor(ITEMS, 3, 2), 2, SessionOptions.defaults());
        assertThat(out.shape()).containsExactly(3, 2);
        assertThat(out.data()).containsExactly(2, 0, 6, 0, 10, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void runsAsOftenAsAFixedBatchTakes(int batch) {
        Graph fixed = doubleThenRelu()
                .edit()
                .clearInputs()
                .input(new ValueInfo("x", ElementType.FLOAT, batch, 2))
                .clearOutputs()
                .output(new ValueInfo("y", ElementType.FLOAT, batch, 2))
                .build();
        try (Session session = Session.open(fixed, SessionOptions.defaults())) {
            FloatTensor out = session.run(new FloatTensor(ITEMS, 3, 2));
            assertThat(out.shape()).containsExactly(3, 2);
            assertThat(out.data()).containsExactly(2, 0, 6, 0, 10, 0);
        }
    }

    /** [2, 3] items, transposed to [3, 2]. */
    @Test
    void refusesAFixedBatchThatIsNotTheFirstDimensionOfWhatComesOut() {
        GraphEditor editor = GraphEditor.create("turned")
                .input(new ValueInfo("x", ElementType.FLOAT, 2, 3))
                .output(new ValueInfo("y", ElementType.FLOAT, 3, 2));
        editor.add(Node.of("Transpose", "turn", List.of("x"), List.of("y")));
        try (Session session = Session.open(editor.build(), SessionOptions.defaults())) {
            assertThatThrownBy(() -> session.run(new FloatTensor(new float[12], 4, 3)))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("takes 2 items at a time and gives 'y' of shape [3, 2]");
        }
    }

    @Test
    void readsTensorsFromTheMiddle() {
        Map<String, FloatTensor> out = Activations.collect(
                doubleThenRelu(), List.of("doubled", "y"), new FloatTensor(ITEMS, 3, 2), 2, SessionOptions.defaults());
        assertThat(out.get("doubled").data()).containsExactly(2, -4, 6, -8, 10, -12);
        assertThat(out.get("y").data()).containsExactly(2, 0, 6, 0, 10, 0);
    }

    @Test
    void namesAnUnknownTensor() {
        assertThatThrownBy(() -> Activations.collect(
                        doubleThenRelu(),
                        List.of("nothing"),
                        new FloatTensor(ITEMS, 3, 2),
                        2,
                        SessionOptions.defaults()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("nothing");
    }

    @ParameterizedTest
    @CsvSource({"'', in operator set 17", "com.acme, of the domain 'com.acme'"})
    void namesTheNodeOfAnOperatorThatItDoesNotHave(String domain, String where) {
        GraphEditor editor = doubleThenRelu().edit();
        editor.add(Node.of("Swirl", "swirl_3", List.of("doubled"), List.of("z")).withDomain(domain));
        Graph custom = editor.output(ValueInfo.unranked("z", ElementType.FLOAT)).build();
        assertThatThrownBy(() -> Session.open(custom, SessionOptions.defaults()))
                .isInstanceOf(BadInputException.class)
                .hasMessage("ONNX Runtime cannot load network 'double': it has no operator 'Swirl' " + where
                        + ", which node 'swirl_3' uses; export the model with that written in ONNX's own operators");
    }

    @Test
    void refusesAnInputOfTheWrongShape() {
        try (Session session = Session.open(doubleThenRelu(), SessionOptions.defaults())) {
            assertThatThrownBy(() -> session.run(new FloatTensor(ITEMS, 2, 3)))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("double");
        }
    }

    /** y = table[indices], where condition holds. */
    @Test
    void feedsIntegersWhereTheNetworkTakesThem() {
        GraphEditor editor = GraphEditor.create("lookup")
                .input(new ValueInfo("indices", ElementType.INT64, ValueInfo.DYNAMIC))
                .input(new ValueInfo("condition", ElementType.BOOL, ValueInfo.DYNAMIC))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC));
        editor.initializer("table", TensorValue.ofFloats(new float[] {10, 20, 30}, 3));
        editor.initializer("zero", TensorValue.scalar(0));
        editor.add("Gather", "picked", "table", "indices");
        editor.add(Node.of("Where", "where", List.of("condition", "picked", "zero"), List.of("y")));
        try (Session session = Session.open(editor.build(), SessionOptions.defaults())) {
            FloatTensor indices = new FloatTensor(new float[] {2, 0, -2}, 3);
            FloatTensor condition = new FloatTensor(new float[] {1, 0, 1}, 3);
            assertThat(session.run(Map.of("indices", indices, "condition", condition))
                            .get("y")
                            .data())
                    .containsExactly(30, 0, 20);
            assertThatThrownBy(() -> session.run(Map.of("ids", indices)))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("'ids'")
                    .hasMessageContaining("indices");
        }
    }

    @Test
    void showsTheOptimizedGraph() {
        Graph optimized = OptimizedGraph.of(doubleThenRelu(), SessionOptions.defaults());
        assertThat(optimized.nodes()).extracting(Node::op).contains("Relu");
    }
}
