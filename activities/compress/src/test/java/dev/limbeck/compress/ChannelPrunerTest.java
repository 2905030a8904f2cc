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
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
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
    void aLayerMakesUpForWhatIsMissingInItsShortcut() {
        float[] weaker = network.initializers().get("project.weight").floats().clone();
        for (int i = 0; i < weaker.length; i++) {
            weaker[i] *= 0.5F;
        }
        GraphEditor editor = network.edit();
        editor.initializer("project.weight", TensorValue.ofFloats(weaker, 12, 20, 1, 1));
        Graph changed = editor.build();
        LayerFit fit =
                new LayerFit(network, node("second"), 16, IntStream.range(0, 12).toArray(), 30);
        fit.add(tensors(changed, fit.readNow()), tensors(network, fit.readThen()));
        editor = changed.edit();
        fit.write(editor, IntStream.range(0, 16).toArray());
        String sum = network.consumers(fit.readNow().getLast()).stream()
                .filter(node -> node.op().equals("Add"))
                .toList()
                .getLast()
                .output(0);
        float[] expected = tensors(network, List.of(sum)).get(sum).data();
        assertThat(error(
                        expected, tensors(editor.build(), List.of(sum)).get(sum).data()))
                .isLessThan(0.7
                        * error(
                                expected,
                                tensors(changed, List.of(sum)).get(sum).data()));
    }

    private Map<String, FloatTensor> tensors(Graph graph, List<String> names) {
        return Activations.collect(graph, names, images, 16, SessionOptions.defaults());
    }

    @Test
    void shortcutsAreFoundBehindBatchNorms() {
        Shortcut shortcut = Shortcut.of(network, node("second"), 12).orElseThrow();
        assertThat(shortcut.tensor()).isEqualTo(node("first").input(0));
        float[] scale = network.initializers().get("second.scale").floats();
        float[] variance = network.initializers().get("second.variance").floats();
        assertThat(shortcut.factors()[3]).isCloseTo(Math.sqrt(variance[3] + 1e-5) / scale[3], within(1e-6));
        assertThat(Shortcut.of(network, node("expand"), 20)).isEmpty();

        // 2 items of 12 channels at 3 positions, of which channels 3 and 5 are left and have lost 1
        float[] then = new float[2 * 12 * 3];
        float[] now = new float[2 * 2 * 3];
        for (int i = 0; i < then.length; i++) {
            then[i] = i;
        }
        for (int i = 0; i < now.length; i++) {
            now[i] = then[i / 6 * 36 + (i / 3 % 2 == 0 ? 3 : 5) * 3 + i % 3] - 1;
        }
        double[] given = {10, 20};
        shortcut.addMissing(
                Map.of(shortcut.tensor(), new FloatTensor(now, 2, 2, 3, 1)),
                Map.of(shortcut.tensor(), new FloatTensor(then, 2, 12, 3, 1)),
                1,
                2,
                new int[] {3, 5},
                given);
        assertThat(given[0]).isCloseTo(10 + shortcut.factors()[3], within(1e-9));
        assertThat(given[1]).isCloseTo(20 + shortcut.factors()[5], within(1e-9));
    }

    private Node node(String name) {
        return network.nodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void normalEquationsAreSumsOverAllThatIsRead() {
        Node hidden = node("hidden");
        Random random = new Random(2);
        double[][] read = new double[7][13]; // no whole blocks
        float[] input = new float[7 * 12];
        for (int i = 0; i < input.length; i++) {
            input[i] = random.nextFloat() - 0.3F;
            read[i / 12][i % 12] = input[i];
        }
        NormalEquations equations = new NormalEquations(hidden, new long[0], 12, 2, 1);
        FloatTensor all = new FloatTensor(input, 7, 12);
        for (FloatTensor batch : List.of(all.slice(0, 5), all.slice(5, 7))) {
            equations.add(batch, (item, position, into) -> into[1] = batch.data()[item * 12 + 3]);
        }
        for (double[] row : read) {
            row[12] = 1;
        }
        assertThat(equations.samples()).isEqualTo(7);
        for (int i = 0; i <= 12; i++) {
            for (int j = 0; j <= 12; j++) {
                double sum = 0;
                for (double[] row : read) {
                    sum += row[i] * row[j];
                }
                assertThat(equations.gram()[i][j]).isCloseTo(sum, within(1e-9));
            }
            assertThat(equations.target()[i][0]).isZero();
            assertThat(equations.target()[i][1]).isCloseTo(equations.gram()[i][3], within(1e-9));
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
