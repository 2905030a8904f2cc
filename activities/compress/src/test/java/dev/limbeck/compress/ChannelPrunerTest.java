package dev.limbeck.compress;

import static dev.limbeck.compress.TestNetworks.error;
import static dev.limbeck.compress.TestNetworks.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ChannelGroup;
import dev.limbeck.graph.Cost;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChannelPrunerTest {

    private final Graph network = TestNetworks.residual(1);
    private final FloatTensor images = TestNetworks.images(64, 1);

    @Test
    void channelsThatAreAddedBelongTogether() {
        List<ChannelGroup> groups = ChannelGroup.of(network);
        assertThat(groups).extracting(ChannelGroup::name).containsExactly("stem", "expand", "first", "hidden");
        ChannelGroup shortcut = groups.getFirst();
        assertThat(shortcut.makers()).extracting(Node::name).containsExactly("stem", "project", "second");
        assertThat(shortcut.readers()).extracting(Node::name).containsExactly("expand", "first", "hidden");
        assertThat(groups.get(1).between()).extracting(Node::name).contains("depthwise");
    }

    @ParameterizedTest
    @EnumSource(ChannelSelection.class)
    void whatIsLeftRunsAndCostsWhatTheShapeSays(ChannelSelection selection) {
        ChannelPruner pruner = new ChannelPruner(network, images, selection);
        Map<String, Integer> kept = new HashMap<>();
        pruner.units().forEach(unit -> kept.put(unit.name(), pruner.kept(unit, 0.5)));
        Graph pruned = pruner.compress(kept);
        assertThat(kept).containsEntry("stem", 6).containsEntry("expand", 10).containsEntry("hidden", 12);
        assertThat(Cost.of(pruned)).isEqualTo(Cost.of(pruner.shape(kept)));
        assertThat(Cost.of(pruned).macs()).isLessThan(Cost.of(network).macs() / 2);
        assertThat(pruned.initializers().get("depthwise.weight").shape()).containsExactly(10, 1, 3, 3);
        assertThat(error(run(network, images), run(pruned, images))).isBetween(1e-6, 0.9);
        // the same network, byte for byte
        assertThat(new ChannelPruner(network, images, selection).compress(kept).digest())
                .isEqualTo(pruned.digest());
    }

    @Test
    void groupsMayBeTriedInAnyOrder() {
        ChannelPruner pruner = new ChannelPruner(network, images, ChannelSelection.LASSO);
        for (String group : List.of("stem", "first", "stem", "hidden")) {
            Map<String, Integer> kept = Map.of(group, 5);
            assertThat(pruner.compress(kept))
                    .isEqualTo(new ChannelPruner(network, images, ChannelSelection.LASSO).compress(kept));
        }
    }

    @Test
    void channelsThatRepeatOthersAreMadeUpFor() {
        // "first" has four different channels, each four times
        Graph redundant = repeated();
        ChannelPruner pruner = new ChannelPruner(redundant, images, ChannelSelection.LASSO);
        Graph pruned = pruner.compress(Map.of("first", 4));
        assertThat(error(run(redundant, images), run(pruned, images))).isLessThan(0.01);
        Graph sliced = pruner.shape(Map.of("first", 4));
        assertThat(error(run(redundant, images), run(sliced, images))).isGreaterThan(0.1);
    }

    @Test
    void fittingIsBetterThanLeavingOut() {
        ChannelPruner pruner = new ChannelPruner(network, images, ChannelSelection.LASSO);
        float[] expected = run(network, TestNetworks.images(32, 9));
        for (Unit unit : pruner.units()) {
            Map<String, Integer> kept = Map.of(unit.name(), pruner.kept(unit, 0.5));
            assertThat(error(expected, run(pruner.compress(kept), TestNetworks.images(32, 9))))
                    .as(unit.name())
                    .isLessThan(error(expected, run(pruner.shape(kept), TestNetworks.images(32, 9))));
        }
    }

    @Test
    void lassoFindsTheVariablesThatMatter() {
        double[][] gram = {{1, 0, 0.1, 0}, {0, 1, 0, 0.1}, {0.1, 0, 1, 0}, {0, 0.1, 0, 1}};
        // made of variables 1 and 2
        double[] target = {0.3, 2, 3, 0.2};
        double[] found = LeastSquares.lasso(gram, target, 2);
        assertThat(found[0]).isZero();
        assertThat(found[1]).isPositive();
        assertThat(found[2]).isPositive();
        assertThat(found[3]).isZero();
        assertThat(LeastSquares.solve(gram, new double[][] {{1}, {0}, {0.1}, {0}})[0][0])
                .isCloseTo(1, within(1e-3));
    }

    @Test
    void aNetworkWhoseChannelsAllAreOutputsIsRefused() {
        GraphEditor editor = GraphEditor.create("plain")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 2));
        String weight = editor.initializer("w", TensorValue.ofFloats(new float[6], 3, 2));
        editor.add(Node.of("MatMul", "product", List.of("x", weight), List.of("y")));
        assertThatThrownBy(() -> new ChannelPruner(editor.build(), images, ChannelSelection.LASSO))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'plain' has no channels that could be taken out");
    }

    private Graph repeated() {
        GraphEditor editor = network.edit();
        float[] weight = network.initializers().get("first.weight").floats();
        int size = weight.length / 16;
        for (String name : List.of("first.bias", "first.mean", "first.shift", "first.scale", "first.variance")) {
            float[] values = network.initializers().get(name).floats();
            for (int c = 4; c < 16; c++) {
                values[c] = values[c % 4];
            }
            editor.initializer(name, TensorValue.ofFloats(values, 16));
        }
        for (int c = 4; c < 16; c++) {
            System.arraycopy(weight, c % 4 * size, weight, c * size, size);
        }
        editor.initializer("first.weight", TensorValue.ofFloats(weight, 16, 12, 3, 3));
        return editor.build();
    }
}
