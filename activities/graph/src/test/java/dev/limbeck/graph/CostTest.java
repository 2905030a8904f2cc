package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostTest {

    @Test
    void countsTheConvolutionalNetworkAsByHand() {
        // Per block: expand 8*16*64, depthwise 16*9*64, squeeze-and-excite 2*16*4, project 16*8*64.
        long block = 8 * 16 * 64 + 16 * 9 * 64 + 2 * 16 * 4 + 16 * 8 * 64;
        long stem = 8 * 27 * 64;
        // Weights, biases of squeeze-and-excitation and head, scale and shift of batch norms.
        long blockParameters = 8 * 16 + 16 * 9 + (16 * 4 + 4) + (4 * 16 + 16) + 16 * 8 + 2 * (16 + 16 + 8);
        long stemParameters = 8 * 27 + 16;

        assertThat(Cost.of(TestNetworks.convolutional(1)))
                .isEqualTo(new Cost(stem + 3 * block + 40, stemParameters + 3 * blockParameters + 45));
    }

    @Test
    void sharesOfNodesAddUp() {
        Graph network = TestNetworks.transformer(1);

        List<Cost.OfNode> shares = Cost.perNode(network);

        assertThat(shares).hasSameSizeAs(network.nodes());
        assertThat(shares.stream().map(Cost.OfNode::cost).reduce(Cost.NONE, Cost::plus))
                .isEqualTo(Cost.of(network));
        // Three heads of 5 queries and 5 keys with 4 channels.
        assertThat(shares)
                .anyMatch(s -> s.node().name().equals("scores") && s.cost().equals(new Cost(300, 0)));
    }

    @Test
    void dequantizedWeightsAreParametersAndScalesAreNot() {
        GraphEditor editor = GraphEditor.create("quantized").input(new ValueInfo("x", ElementType.FLOAT, -1, 2, 4, 4));
        editor.initializer("w", TensorValue.ofBytes(ElementType.INT8, new byte[2 * 3 * 9], 2, 3, 3, 3));
        editor.initializer("s", TensorValue.ofFloats(new float[] {1, 1}, 2));
        editor.initializer("z", TensorValue.ofBytes(ElementType.INT8, new byte[2], 2));
        editor.add(Node.of("DequantizeLinear", "dw", List.of("w", "s", "z"), List.of("dw"))
                .withInteger("axis", 0));
        editor.add(
                Node.of("ConvTranspose", "y", List.of("x", "dw"), List.of("y")).withInteger("group", 1));
        Graph graph = editor.output(ValueInfo.unranked("y", ElementType.FLOAT)).build();

        assertThat(Cost.of(graph)).isEqualTo(new Cost(2 * 16 * 27, 54));
    }

    @Test
    void recurrentLayersMultiplyInEveryStep() {
        GraphEditor editor = GraphEditor.create("recurrent").input(new ValueInfo("x", ElementType.FLOAT, 7, 1, 3));
        editor.initializer("w", TensorValue.ofFloats(new float[2 * 20 * 3], 2, 20, 3));
        editor.initializer("r", TensorValue.ofFloats(new float[2 * 20 * 5], 2, 20, 5));
        editor.add(Node.of("LSTM", "y", List.of("x", "w", "r"), List.of("y"))
                .withText("direction", "bidirectional")
                .withInteger("hidden_size", 5));
        Graph graph = editor.output(ValueInfo.unranked("y", ElementType.FLOAT)).build();

        assertThat(Cost.of(graph)).isEqualTo(new Cost(7 * 2 * 20 * (3 + 5), 2 * 20 * (3 + 5)));
    }

    @Test
    void asksForSizesThatAreDynamic() {
        GraphEditor editor = GraphEditor.create("any size").input(new ValueInfo("x", ElementType.FLOAT, -1, 3, -1, -1));
        String y = editor.add("Relu", "y", "x");
        Graph graph = editor.output(ValueInfo.unranked(y, ElementType.FLOAT)).build();

        assertThatThrownBy(() -> Cost.of(graph))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("dimension 2 of input 'x'");
    }
}
