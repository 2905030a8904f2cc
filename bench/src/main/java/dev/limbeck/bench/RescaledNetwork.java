package dev.limbeck.bench;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.quantize.Rescaling;
import java.nio.file.Path;
import java.util.List;

/**
 * A network that INT8 ruins, for the picture of docs/analyze.md: ReLU6 becomes ReLU, then channels between convolutions are rescaled by
 * log-normal factors, as in R1 of {@link QuantizationData}. Arguments: a network, the file to write.
 */
public final class RescaledNetwork {

    private RescaledNetwork() {}

    public static void main(String[] arguments) {
        Graph network = Graph.read(Path.of(arguments[0]));
        GraphEditor editor = network.edit();
        for (Node node : network.nodes()) {
            if (node.op().equals("Clip")) {
                editor.replace(node, Node.of("Relu", node.name(), List.of(node.input(0)), node.outputs()));
            }
        }
        Rescaling.rescale(editor.build(), QuantizationData.SD, QuantizationData.SEED, false)
                .write(Path.of(arguments[1]));
    }
}
