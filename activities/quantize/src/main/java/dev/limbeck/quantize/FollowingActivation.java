package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The activation that alone reads what a layer makes. */
final class FollowingActivation implements AutoCloseable, UnaryOperator<Tensor> {

    private static final Set<String> ELEMENTWISE = Set.of(
            "Relu",
            "LeakyRelu",
            "Clip",
            "HardSwish",
            "HardSigmoid",
            "Sigmoid",
            "Tanh",
            "Elu",
            "Selu",
            "Gelu",
            "Softplus",
            "Mish");

    private final GraphExecutor executor;

    private FollowingActivation(GraphExecutor executor) {
        this.executor = executor;
    }

    /** Whether a node is a function of each element of its first input. */
    static boolean isElementwise(Node node) {
        return ELEMENTWISE.contains(node.op()) || node.op().equals("PRelu");
    }

    static Optional<FollowingActivation> of(Graph graph, Node layer) {
        String tensor = layer.output(0);
        List<Node> readers = graph.consumers(tensor);
        if (readers.size() != 1 || graph.isOutput(tensor)) {
            return Optional.empty();
        }
        Node reader = readers.getFirst();
        // the slopes of a PRelu lie along the channels of images
        boolean known = !reader.op().equals("PRelu") || layer.op().startsWith("Conv");
        if (!known || !isElementwise(reader) || !reader.input(0).equals(tensor)) {
            return Optional.empty();
        }
        GraphEditor editor = graph.edit().clearInputs().clearOutputs();
        Graph alone = editor.input(new ValueInfo(tensor, ElementType.FLOAT, ValueInfo.DYNAMIC, ValueInfo.DYNAMIC, 1, 1))
                .output(ValueInfo.unranked(reader.output(0), ElementType.FLOAT))
                .build();
        return GraphExecutor.unsupported(alone).isEmpty()
                ? Optional.of(new FollowingActivation(GraphExecutor.compile(alone)))
                : Optional.empty();
    }

    /** @param rows [rows, channels] */
    @Override
    public Tensor apply(Tensor rows) {
        long[] shape = rows.shape();
        return executor.forward(rows.reshape(shape[0], shape[1], 1, 1), Mode.FROZEN)
                .reshape(shape);
    }

    @Override
    public void close() {
        executor.close();
    }
}
