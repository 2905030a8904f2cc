package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedArraysTest {

    private static final Graph NETWORK = network();

    private static Graph network() {
        GraphEditor editor = GraphEditor.create("two")
                .input(new ValueInfo("tokens", ElementType.INT64, ValueInfo.DYNAMIC, ValueInfo.DYNAMIC))
                .input(new ValueInfo("weights", ElementType.FLOAT, ValueInfo.DYNAMIC, 2))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 2));
        editor.add(Node.of("Identity", "copy", List.of("weights"), List.of("y")));
        return editor.build();
    }

    @TempDir
    private Path folder;

    @Test
    void eachInputHasItsArray() {
        Items items = read(
                Map.of("tokens", Numpy.longs("(3, 1)", 7, 8, 9), "weights", Numpy.floats("(3, 2)", 1, 2, 3, 4, 5, 6)));
        assertThat(items.count()).isEqualTo(3);
        assertThat(items.inputs().get("tokens").data()).containsExactly(7, 8, 9);
        assertThat(items.inputs().get("weights").shape()).containsExactly(3, 2);
        assertThat(NamedArrays.areFor(NETWORK)).isTrue();
        assertThat(NamedArrays.areFor(Networks.byName("resnet20", new ImageInput(1, 4, 0, 1), 2, 1)))
                .isFalse();
    }

    @Test
    void whatDoesNotFitIsNamedWithWhatWould() {
        byte[] weights = Numpy.floats("(1, 2)", 1, 2);
        refused(Map.of("weights", weights), "has the arrays [weights]", "tokens: INT64[-1, -1]");
        refused(
                Map.of("tokens", Numpy.longs("(1, 1)", 7), "weights", Numpy.floats("(1, 3)", 1, 2, 3)),
                "float32[1, 3]",
                "[-1, 2]");
        refused(Map.of("tokens", Numpy.floats("(1, 1)", 7), "weights", weights), "float32[1, 1]", "INT64");
        refused(Map.of("tokens", Numpy.longs("(2, 1)", 7, 8), "weights", weights), "has 1 items and another 2");
        assertThatThrownBy(() -> NamedArrays.read("fashion-mnist", NETWORK))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(".npz file with an array of each name");
    }

    private void refused(Map<String, byte[]> arrays, String... parts) {
        assertThatThrownBy(() -> read(arrays))
                .isInstanceOf(BadInputException.class)
                .hasMessageContainingAll(parts);
    }

    private Items read(Map<String, byte[]> arrays) {
        Path file = folder.resolve("data.npz");
        Numpy.save(file, arrays);
        return NamedArrays.read(file.toString(), NETWORK);
    }
}
