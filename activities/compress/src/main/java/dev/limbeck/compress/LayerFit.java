package dev.limbeck.compress;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fits a layer in least squares to give, from what it reads of a pruned network, what it gave in the whole one; where something is added
 * to it, also what that lacks since.
 */
final class LayerFit {

    private final Node node;
    private final WeightOfReader weight;
    private final int[] outputs;
    private final Optional<Shortcut> shortcut;
    private final NormalEquations equations;

    /**
     * @param node of the whole network
     * @param channels that it reads now
     * @param outputs positions of those that there are still
     * @param perItem positions of an image that it is fitted at
     */
    LayerFit(Graph network, Node node, int channels, int[] outputs, int perItem) {
        this.node = node;
        this.outputs = outputs;
        WeightOfReader whole = WeightOfReader.of(network, node);
        weight = whole.withOutputs(outputs);
        shortcut = Shortcut.of(network, node, whole.outputs());
        equations = new NormalEquations(node, weight.kernel(), channels * weight.places(), outputs.length, perItem);
    }

    WeightOfReader weight() {
        return weight;
    }

    NormalEquations equations() {
        return equations;
    }

    /** Tensors that {@link #add} needs of the pruned network. */
    List<String> readNow() {
        return with(node.input(0));
    }

    /** Tensors that {@link #add} needs of the whole network. */
    List<String> readThen() {
        return with(node.output(0));
    }

    private List<String> with(String tensor) {
        List<String> tensors = new ArrayList<>(List.of(tensor));
        shortcut.ifPresent(added -> tensors.add(added.tensor()));
        return tensors;
    }

    /** Both of the same items. */
    void add(Map<String, FloatTensor> now, Map<String, FloatTensor> then) {
        FloatTensor given = then.get(node.output(0));
        int all = given.itemSize() / (int) given.shape()[1];
        equations.add(now.get(node.input(0)), (item, position, into) -> {
            for (int o = 0; o < outputs.length; o++) {
                into[o] = given.data()[item * given.itemSize() + outputs[o] * all + position];
            }
            shortcut.ifPresent(added -> {
                // not where one of the two is spread over the other
                if (then.get(added.tensor()).itemSize() == given.itemSize()) {
                    added.addMissing(now, then, item, position, outputs, into);
                }
            });
        });
    }

    /** @param kept positions of channels among those that it was fitted on, in order */
    void write(GraphEditor editor, int[] kept) {
        double[][] gram = equations.gram();
        double[][] target = equations.target();
        int[] chosen = weight.rowsOf(kept);
        if (weight.hasBias()) {
            chosen[chosen.length - 1] = gram.length - 1; // fewer channels may be read now than the weight is for
        }
        double[][] matrix = new double[chosen.length][chosen.length];
        double[][] right = new double[chosen.length][];
        for (int i = 0; i < chosen.length; i++) {
            double[] row = gram[chosen[i]];
            for (int j = 0; j < chosen.length; j++) {
                matrix[i][j] = row[chosen[j]];
            }
            right[i] = target[chosen[i]];
        }
        weight.write(editor, LeastSquares.solve(matrix, right));
    }
}
