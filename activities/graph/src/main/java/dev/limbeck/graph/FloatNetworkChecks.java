package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.Set;

/** Refuses networks that nothing good can be made of, before any work, naming the node: another one is to give what they give. */
public final class FloatNetworkChecks {

    private static final Set<String> INTEGER_OPERATORS = Set.of(
            "QuantizeLinear",
            "DequantizeLinear",
            "DynamicQuantizeLinear",
            "QLinearConv",
            "QLinearMatMul",
            "ConvInteger",
            "MatMulInteger");

    private static final Set<String> RANDOM_OPERATORS = Set.of(
            "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike");

    /** An infinity may be meant elsewhere, such as in the mask of an attention. */
    private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization");

    private FloatNetworkChecks() {}

    /**
     * @throws BadInputException if the network is quantized already, has weights that are not numbers, gives something else each time,
     *     or is in training mode
     */
    public static void check(Graph network) {
        network.nodes().forEach(node -> checkCertain(network, node));
        checkConstants(network);
    }

    /** @throws BadInputException if the network is quantized already, or has weights that are not numbers */
    public static void checkConstants(Graph network) {
        network.nodes().forEach(node -> checkConstants(network, node));
    }

    private static void checkCertain(Graph network, Node node) {
        if (RANDOM_OPERATORS.contains(node.op())) {
            throw new BadInputException(
                    where(network, node) + " draws at random, so that nothing can tell how close another network"
                            + " comes to it; export the network for inference, or with what is drawn as an input");
        }
        if (node.op().equals("BatchNormalization") && node.integer("training_mode", 0) == 1) {
            throw new BadInputException(where(network, node)
                    + " is in training mode, and takes means from the batch at hand; export the"
                    + " network for inference, such as after PyTorch's model.eval()");
        }
    }

    private static void checkConstants(Graph network, Node node) {
        String op = node.op().substring(node.op().lastIndexOf('.') + 1);
        if (INTEGER_OPERATORS.contains(op)
                || node.op().startsWith("com.microsoft.QLinear")
                || op.equals("MatMulNBits")) {
            throw new BadInputException("network '" + network.name() + "' is quantized already (node '" + node.label()
                    + "'); give the float network");
        }
        for (String name : node.inputs()) {
            TensorValue constant = network.initializers().get(name);
            if (constant == null || constant.type() != ElementType.FLOAT) {
                continue;
            }
            for (float value : constant.floats()) {
                if (Float.isNaN(value) || Float.isInfinite(value) && LAYERS.contains(node.op())) {
                    throw new BadInputException(where(network, node) + " has the constant '" + name + "', which holds "
                            + value + "; the network is broken, export or train it again");
                }
            }
        }
    }

    private static String where(Graph network, Node node) {
        return "network '" + network.name() + "': node '" + node.label() + "' (" + node.op() + ")";
    }
}
