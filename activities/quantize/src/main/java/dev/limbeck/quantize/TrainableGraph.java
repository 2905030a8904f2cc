package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.tensor.LearnedScales;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A float network with grids behind its weights and activations, to be trained; and the way back from it. */
final class TrainableGraph {

    private final QuantizationPlan plan;
    private final GridForm form;
    private final Map<String, Encoding> encodings = new LinkedHashMap<>();
    private final Map<String, String> scales = new LinkedHashMap<>();
    private final Map<String, String> floats = new HashMap<>();
    private final Set<String> added = new HashSet<>();
    private final List<String> learned = new ArrayList<>();
    private final Graph graph;

    /** @param calibrated with the encodings of activations, and of weights where those are given */
    TrainableGraph(Quantizer.Calibrated calibrated, GridForm form) {
        this.plan = calibrated.plan();
        this.form = form;
        encodings.putAll(calibrated.encodings());
        new QdqWriter(calibrated.network(), plan, encodings).write(); // chooses the weights' encodings
        graph = write(calibrated.network());
    }

    Graph graph() {
        return graph;
    }

    /** How many tensors have scales that are learned. */
    int scales() {
        return scales.size();
    }

    /** Grids with the scales of a trained graph. @param plan of the float network that was in it */
    Map<String, Encoding> encodings(Graph trained, QuantizationPlan ownPlan) {
        Map<String, Encoding> now = new LinkedHashMap<>(encodings);
        scales.forEach((tensor, scale) -> now.compute(
                tensor,
                (name, encoding) ->
                        encoding.withScale(trained.initializers().get(scale).floats())));
        ownPlan.quantized().forEach(tensor -> now.put(tensor, now.get(ownPlan.root(tensor))));
        return now;
    }

    /** The float network again, with the weights of a trained one. */
    Graph withoutGrids(Graph trained) {
        GraphEditor editor = trained.edit();
        for (Node node : trained.nodes()) {
            if (added.contains(node.output(0))) {
                editor.remove(node);
            } else {
                editor.replace(
                        node,
                        node.withInputs(node.inputs().stream()
                                .map(i -> floats.getOrDefault(i, i))
                                .toList()));
            }
        }
        return LearnedScales.unmark(editor.build());
    }

    private Graph write(Graph network) {
        GraphEditor editor = network.edit();
        Map<String, String> onGrid = new HashMap<>();
        List<Node> nodes = network.nodes();
        nodes.forEach(editor::remove);
        network.inputs().forEach(input -> writeActivation(editor, network.outputs(), input.name(), onGrid));
        for (Node node : nodes) {
            if (plan.kind(node) == OperatorKind.WEIGHTED) {
                onGrid.computeIfAbsent(
                        node.input(1),
                        name -> writeWeight(editor, name, network.initializers().get(name)));
            }
            editor.add(node.withInputs(
                    node.inputs().stream().map(i -> onGrid.getOrDefault(i, i)).toList()));
            node.outputs().forEach(output -> writeActivation(editor, network.outputs(), output, onGrid));
        }
        learned.addAll(scales.values());
        return LearnedScales.mark(editor.build(), learned);
    }

    private void writeActivation(
            GraphEditor editor, List<ValueInfo> outputs, String tensor, Map<String, String> onGrid) {
        boolean isRoot = plan.quantized().contains(tensor) && plan.root(tensor).equals(tensor);
        // the integer form of a hard activation reads its input's integers a second time
        boolean follows = plan.hardSigmoids().containsKey(tensor);
        boolean isOutput = outputs.stream().anyMatch(o -> o.name().equals(tensor));
        Encoding encoding = encodings.get(tensor);
        if (!isRoot || follows || isOutput || encoding.format().isFloat()) {
            return;
        }
        boolean changes = plan.gateOf(tensor).isEmpty();
        boolean signed = plan.options().target().signedActivations();
        onGrid.put(
                tensor, write(editor, tensor, encoding, StorageType.ofActivation(encoding.format(), signed), changes));
    }

    private String writeWeight(GraphEditor editor, String name, TensorValue weight) {
        Encoding encoding = encodings.get(name);
        return encoding == null || encoding.format().isFloat() || weight.type() != ElementType.FLOAT
                ? name
                : write(editor, name, encoding, StorageType.ofWeight(encoding.format(), false), true);
    }

    private String write(GraphEditor editor, String tensor, Encoding encoding, StorageType storage, boolean changes) {
        String name = editor.unique(tensor + "_on_grid");
        long[] shape = encoding.perChannel() ? new long[] {encoding.scale().length} : new long[0];
        String scale = editor.initializer(name + "_scale", TensorValue.ofFloats(encoding.scale(), shape));
        GridForm.Site site = new GridForm.Site(tensor, name, scale, encoding, storage, changes);
        form.write(editor, site, learned).forEach(node -> {
            added.add(node.output(0));
            editor.add(node);
        });
        floats.put(name, tensor);
        if (changes) {
            scales.put(tensor, scale);
        }
        return name;
    }
}
