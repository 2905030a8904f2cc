package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateCostTest {

    private static final double ALWAYS = 50;
    private static final double NEVER = -50;

    /** Two layers: 4 inputs to 3 channels, which can go, to 2 outputs; 12 and 6 operations. */
    private static Graph network() {
        GraphEditor editor = GraphEditor.create("two layers")
                .input(new ValueInfo("x", ElementType.FLOAT, 1, 4))
                .output(new ValueInfo("y", ElementType.FLOAT, 1, 2));
        editor.initializer("w1", TensorValue.ofFloats(new float[12], 4, 3));
        editor.initializer("w2", TensorValue.ofFloats(new float[6], 3, 2));
        editor.add(Node.of("MatMul", "first", List.of("x", "w1"), List.of("h")));
        editor.add(Node.of("Relu", "relu", List.of("h"), List.of("r")));
        editor.add(Node.of("MatMul", "second", List.of("r", "w2"), List.of("y")));
        return editor.build();
    }

    private static double cost(double... phi) {
        Graph network = network();
        BitGates gates = new BitGates(network, 8, List.of("r", "w1", "w2"));
        Encoding eight = Encoding.asymmetric(new ValueRange(0, 1), 8);
        GateCost cost =
                new GateCost(gates, new BitOperations(network, Map.of("x", new long[] {1, 4})), Map.of("x", eight));
        float[] parameters = new float[phi.length];
        for (int i = 0; i < phi.length; i++) {
            parameters[i] = (float) (phi[i] / BitGates.RATE);
        }
        try (TensorScope scope = TensorScope.open()) {
            return cost.of(Tensor.of(parameters, parameters.length)).item();
        }
    }

    private static double[] gates(double bits4, double bits8, double... channels) {
        double[] phi = new double[9];
        Arrays.fill(phi, 0, 3, bits4);
        Arrays.fill(phi, 3, 6, bits8);
        System.arraycopy(channels, 0, phi, 6, 3);
        return phi;
    }

    @Test
    void theCostIsThatOfTheBitsAndChannelsThatAreExpected() {
        // first: input of 8 bits without gates and 8-bit weight; second has half of its operations
        assertThat(cost(gates(ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS))).isCloseTo(16 + 0.5 * 16, within(1e-4));
        assertThat(cost(gates(ALWAYS, NEVER, ALWAYS, ALWAYS, ALWAYS))).isCloseTo(12 + 0.5 * 8, within(1e-4));
        // bits beyond a closed gate cost nothing
        assertThat(cost(gates(NEVER, ALWAYS, ALWAYS, ALWAYS, ALWAYS))).isCloseTo(10 + 0.5 * 4, within(1e-4));
        // a channel of three goes from the output of the first and the input of the second
        assertThat(cost(gates(ALWAYS, ALWAYS, ALWAYS, NEVER, ALWAYS))).isCloseTo((16 + 8) * 2 / 3.0, within(1e-4));
        // P(z > 0) = sigmoid(phi - 2/3 ln(0.1 / 1.1)) is 1/2 there
        double half = 2 / 3.0 * Math.log(0.1 / 1.1);
        assertThat(cost(gates(ALWAYS, half, ALWAYS, ALWAYS, ALWAYS))).isCloseTo(14 + 0.5 * 12, within(1e-3));
    }

    @Test
    void gridsOfFewerBitsHavePointsOfTheFinerOnes() {
        Encoding fine = Encoding.of(new ValueRange(-1, 1), NumberFormat.integer(8, Symmetry.STRICT_SYMMETRIC));
        for (int bits : new int[] {2, 4}) {
            Encoding coarse = BitGates.encoding(fine, bits);
            assertThat(coarse.lowest()).isEqualTo(-coarse.highest());
            assertThat(coarse.max(0)).isLessThanOrEqualTo(fine.max(0));
            double steps = coarse.scale()[0] / (double) fine.scale()[0];
            assertThat(steps).isCloseTo(Math.rint(steps), within(1e-5));
        }
        Encoding activation = Encoding.asymmetric(new ValueRange(0, 6), 8);
        Encoding four = BitGates.encoding(activation, 4);
        assertThat(four.max(0)).isCloseTo(6, within(1e-5));
        assertThat(four.zeroPoint()).containsExactly(0);
    }
}
