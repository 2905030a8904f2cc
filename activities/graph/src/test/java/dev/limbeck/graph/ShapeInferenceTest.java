package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {

    @Test
    void agreesWithOnnxRuntimeOnEveryTensorOfAConvolutionalNetwork() {
        assertAgrees(TestNetworks.convolutional(1), 3);
    }

    @Test
    void agreesWithOnnxRuntimeOnEveryTensorOfATransformer() {
        assertAgrees(TestNetworks.transformer(1), 1);
        assertAgrees(TestNetworks.transformer(1), 4);
    }

    @Test
    void keepsTheBatchDynamicAlsoThroughComputedShapes() {
        Map<String, ValueInfo> infos = ShapeInference.infer(TestNetworks.transformer(1), ValueInfo.DYNAMIC);

        assertThat(infos.get("scores").shape()).containsExactly(ValueInfo.DYNAMIC, 3, 5, 5);
        assertThat(infos.get("rows_shape").shape()).containsExactly(3);
    }

    @Test
    void namesTheNodeOfAnUnknownOperator() {
        GraphEditor editor = GraphEditor.create("odd").input(new ValueInfo("x", ElementType.FLOAT, 1, 3));
        editor.add(Node.of("Fourier", "odd_one", java.util.List.of("x"), java.util.List.of("y")));
        Graph graph = editor.output(new ValueInfo("y", ElementType.FLOAT, 1, 3)).build();

        assertThatThrownBy(() -> ShapeInference.infer(graph, 1))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("odd_one")
                .hasMessageContaining("Fourier");
    }

    static void assertAgrees(Graph graph, int batch) {
        Map<String, ValueInfo> infos = ShapeInference.infer(graph, batch);
        Oracle.run(Oracle.exposed(graph), batch, 7).forEach((name, output) -> {
            assertThat(infos.get(name).shape()).as(name).containsExactly(output.shape());
            assertThat(infos.get(name).type()).as(name).isEqualTo(output.type());
        });
    }
}
