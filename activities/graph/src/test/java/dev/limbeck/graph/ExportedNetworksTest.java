package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as PyTorch's exporter writes them: shapes computed at run time, Constant nodes, older operator sets. */
class ExportedNetworksTest {

    @ParameterizedTest
    @ValueSource(strings = {"transformer-17", "convolutional-13", "convolutional-11"})
    void shapesAndEditsAgreeWithOnnxRuntime(String name) {
        Graph network = read(name);
        ShapeInferenceTest.assertAgrees(network, 3);
        assertThat(ShapeInference.infer(network, ValueInfo.DYNAMIC).get("y").shape()[0])
                .isEqualTo(ValueInfo.DYNAMIC);

        Graph folded = ConstantFolding.fold(network);
        assertThat(folded.nodes()).noneMatch(node -> node.op().equals("Constant"));
        assertThat(Oracle.difference(network, folded, 3, 1)).isZero();

        Graph normalized = BatchNormFolding.fold(folded);
        assertThat(normalized.nodes()).noneMatch(node -> node.op().equals("BatchNormalization"));
        assertThat(Oracle.difference(network, normalized, 3, 1)).isLessThan(1e-5f);

        Graph newer = network.edit().requireOpset(18).build();
        assertThat(Oracle.difference(network, newer, 3, 1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"transformer-17", "convolutional-13", "convolutional-11"})
    void everyPartBetweenCutsCanBeTakenOutAndPutBack(String name) {
        Graph network = read(name);
        List<String> bounds = new ArrayList<>(Cuts.find(network));
        bounds.addFirst("x");
        bounds.addLast("y");
        assertThat(bounds).hasSizeGreaterThan(5);
        for (int i = 1; i < bounds.size(); i++) {
            Graph part = Subgraph.extract(network, bounds.get(i - 1), bounds.get(i));
            Graph spliced = Splice.replace(network, bounds.get(i - 1), bounds.get(i), part, "part.");
            assertThat(Oracle.difference(network, spliced, 2, 1))
                    .as(bounds.get(i))
                    .isZero();
        }
    }

    private static Graph read(String name) {
        try (InputStream in = ExportedNetworksTest.class.getResourceAsStream("/exported/" + name + ".onnx")) {
            return Graph.parse(in.readAllBytes(), name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
