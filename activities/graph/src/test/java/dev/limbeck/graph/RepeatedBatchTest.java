package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepeatedBatchTest {

    /** [batch, 2, 3], reshaped to what is said, then to [3, 2, batch] and to [3, 2 batch]. */
    private static Graph network(int batch, int allowZero, long... shape) {
        GraphEditor editor = GraphEditor.create("fixed").input(new ValueInfo("x", ElementType.FLOAT, batch, 2, 3));
        editor.initializer("shape", TensorValue.ofLongs(shape, shape.length));
        editor.add(Node.of("Reshape", "flat", List.of("x", "shape"), List.of("flat"))
                .withInteger("allowzero", allowZero));
        editor.add(Node.of("Transpose", "turn", List.of("x"), List.of("turned")));
        editor.initializer("pairs", TensorValue.ofLongs(new long[] {3, -1}, 2));
        editor.add("Reshape", "paired", "turned", "pairs");
        return editor.output(ValueInfo.unranked("flat", ElementType.FLOAT))
                .output(ValueInfo.unranked("paired", ElementType.FLOAT))
                .build();
    }

    @ParameterizedTest
    @CsvSource({"1, -1, 0", "1, 6, 1", "4, -1, 1", "4, 6, 0"})
    void whatWasExportedForSomeItemsTakesAnyNumber(int batch, long rest, int allowZero) {
        Graph network = network(batch, allowZero, batch, rest);
        Graph read = Graph.parse(network.toBytes(), "network");
        assertThat(read.inputs()).isEqualTo(network.inputs());
        assertThat(ShapeInference.infer(read, 1).get("flat").shape()).containsExactly(batch, 6);
        Map<String, ValueInfo> many = ShapeInference.infer(read, Map.of("x", new long[] {5, 2, 3}));
        assertThat(many.get("flat").shape()).containsExactly(5, 6);
        assertThat(many.get("paired").shape()).containsExactly(3, 10);
    }

    @Test
    void otherDimensionsOfThatSizeKeepIt() {
        Graph network = network(3, 0, 3, 6);
        Graph read = Graph.parse(network.toBytes(), "network");
        assertThat(ShapeInference.infer(read, Map.of("x", new long[] {5, 2, 3}))
                        .get("paired")
                        .shape())
                .containsExactly(3, 10);
    }

    @Test
    void networksOfAnyBatchStayAsTheyAre() {
        Graph network = network((int) ValueInfo.DYNAMIC, 0, 1, -1);
        assertThat(Graph.parse(network.toBytes(), "network")).isEqualTo(network);
    }
}
