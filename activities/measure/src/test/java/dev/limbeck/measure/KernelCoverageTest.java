package dev.limbeck.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.SessionOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelCoverageTest {

    @Test
    void countsIntegerAndFloatNodes() {
        GraphEditor editor = GraphEditor.create("optimized")
                .input(new ValueInfo("x", ElementType.FLOAT, 1, 4))
                .output(new ValueInfo("y", ElementType.FLOAT, 1, 4));
        editor.initializer("s", TensorValue.scalar(1));
        editor.initializer("w", TensorValue.scalar(1));
        editor.add("QuantizeLinear", "q", "x", "s");
        editor.add(Node.of("QLinearConv", "c1", List.of("q"), List.of("c1")));
        editor.add(Node.of("QLinearAdd", "a", List.of("c1", "q"), List.of("a")).withDomain("com.microsoft"));
        editor.add("DequantizeLinear", "d", "a", "s");
        editor.add(Node.of("FusedConv", "c2", List.of("d"), List.of("c2")).withDomain("com.microsoft"));
        editor.add(Node.of("QGemm", "g", List.of("c2"), List.of("y")).withDomain("com.microsoft"));
        KernelCoverage coverage = KernelCoverage.of(editor.build());
        assertThat(coverage.integerNodes()).containsExactly("c1", "a", "g");
        assertThat(coverage.floatNodes()).containsExactly("c2");
        assertThat(coverage.convolutionShare()).isEqualTo(0.5);
        assertThat(coverage.share()).isEqualTo(2.0 / 3);
        assertThat(coverage.quantizeNodes()).isEqualTo(1);
        assertThat(coverage.dequantizeNodes()).isEqualTo(1);
    }

    @Test
    void aFloatNetworkHasNoIntegerKernels() {
        GraphEditor editor = GraphEditor.create("float")
                .input(new ValueInfo("x", ElementType.FLOAT, 1, 2, 5, 5))
                .output(new ValueInfo("y", ElementType.FLOAT, 1, 3, 5, 5));
        editor.initializer("w", TensorValue.ofFloats(new float[6], 3, 2, 1, 1));
        editor.add(Node.of("Conv", "conv", List.of("x", "w"), List.of("y")));
        Graph graph = editor.build();
        KernelCoverage coverage = KernelCoverage.of(graph, SessionOptions.defaults());
        assertThat(coverage.convolutionShare()).isZero();
        assertThat(coverage.floatConvolutions()).isEqualTo(1);
        assertThat(coverage.integerNodes()).isEmpty();
    }
}
