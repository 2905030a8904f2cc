package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.limbeck.schemas.BadInputException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What must hold of a file before anything is done with it; each check says where it fails. */
final class GraphChecks {

    /** Of any tensor. No operator needs as many, and files that ask for more would be given memory for what they only claim. */
    static final int MOST_DIMENSIONS = 64;

    private static final long LARGEST_DIMENSION = Integer.MAX_VALUE;

    private final String origin;

    GraphChecks(String origin) {
        this.origin = origin;
    }

    void check(ModelProto model) {
        checkOperatorSets(model);
        GraphProto graph = model.getGraph();
        Set<String> constants = new HashSet<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            if (!constants.add(tensor.getName())) {
                throw bad("has two constants called '" + tensor.getName() + "'");
            }
            checkTensor(tensor, "constant '" + tensor.getName() + "'");
        }
        Set<String> inputs = new HashSet<>();
        for (ValueInfoProto input : graph.getInputList()) {
            if (input.getName().isEmpty() || !inputs.add(input.getName())) {
                throw bad("has two inputs called '" + input.getName() + "', or one without a name");
            }
            checkShape(input);
        }
        graph.getOutputList().forEach(this::checkShape);
        checkNames(Graph.of(model), constants, inputs);
        graph.getNodeList().forEach(this::checkNode);
    }

    private void checkOperatorSets(ModelProto model) {
        for (OperatorSetIdProto set : model.getOpsetImportList()) {
            boolean own = set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx");
            if (own && (set.getVersion() < 1 || set.getVersion() > 1000)) {
                throw bad("asks for version " + set.getVersion() + " of ONNX's operator set, which does not exist");
            }
        }
    }

    private void checkShape(ValueInfoProto value) {
        int dimensions = value.getType().getTensorType().getShape().getDimCount();
        if (dimensions > MOST_DIMENSIONS) {
            throw bad("declares '" + value.getName() + "' with " + dimensions + " dimensions");
        }
        for (Dimension dimension : value.getType().getTensorType().getShape().getDimList()) {
            // Zero and below stand for "not known" in files of some exporters.
            if (dimension.getDimValue() > LARGEST_DIMENSION) {
                throw bad("declares '" + value.getName() + "' with a dimension of " + dimension.getDimValue());
            }
        }
    }

    private void checkNames(Graph graph, Set<String> constants, Set<String> inputs) {
        Map<String, Node> makers = new HashMap<>();
        for (Node node : graph.nodes()) {
            for (String output : node.outputs()) {
                Node other = output.isEmpty() ? null : makers.put(output, node);
                if (other != null) {
                    throw bad("tensor '" + output + "' is made twice, by node '" + other.label() + "' and by node '"
                            + node.label() + "'");
                }
                if (constants.contains(output) || inputs.contains(output)) {
                    throw bad("node '" + node.label() + "' makes tensor '" + output
                            + "', which is an input or a constant");
                }
            }
        }
        for (Node node : graph.nodes()) {
            for (String input : node.inputs()) {
                if (!input.isEmpty() && !makers.containsKey(input) && !given(input, constants, inputs)) {
                    throw bad("node '" + node.label() + "' reads tensor '" + input + "', which nothing makes");
                }
            }
        }
        for (ValueInfo output : graph.outputs()) {
            if (!makers.containsKey(output.name()) && !given(output.name(), constants, inputs)) {
                throw bad("output '" + output.name() + "' is made by no node");
            }
        }
    }

    private static boolean given(String name, Set<String> constants, Set<String> inputs) {
        return constants.contains(name) || inputs.contains(name);
    }

    /** Whether every tensor is made before it is read. */
    boolean inOrder(Graph graph) {
        Set<String> ready = new HashSet<>(graph.initializers().keySet());
        graph.inputs().forEach(input -> ready.add(input.name()));
        ready.add("");
        Set<String> made = new HashSet<>();
        graph.nodes().forEach(node -> made.addAll(node.outputs()));
        for (Node node : graph.nodes()) {
            for (String name : Topology.reads(node)) {
                if (made.contains(name) && !ready.contains(name)) {
                    return false;
                }
            }
            ready.addAll(node.outputs());
        }
        return true;
    }

    private void checkNode(NodeProto node) {
        if (node.getOpType().isEmpty()) {
            throw bad("node '" + new Node(node).label() + "' names no operator");
        }
        for (AttributeProto attribute : node.getAttributeList()) {
            String where = "attribute '" + attribute.getName() + "' of node '" + new Node(node).label() + "'";
            if (attribute.hasT()) {
                checkTensor(attribute.getT(), where);
            }
            attribute.getTensorsList().forEach(tensor -> checkTensor(tensor, where));
            if (attribute.hasG()) {
                checkInner(attribute.getG(), where);
            }
            attribute.getGraphsList().forEach(inner -> checkInner(inner, where));
        }
    }

    private void checkInner(GraphProto graph, String where) {
        graph.getInitializerList().forEach(tensor -> checkTensor(tensor, where));
        graph.getNodeList().forEach(this::checkNode);
    }

    private void checkTensor(TensorProto tensor, String where) {
        if (tensor.getDimsCount() > MOST_DIMENSIONS) {
            throw bad(where + " has " + tensor.getDimsCount() + " dimensions");
        }
        long elements = 1;
        for (long dimension : tensor.getDimsList()) {
            if (dimension < 0 || dimension > LARGEST_DIMENSION || elements > LARGEST_DIMENSION) {
                throw bad(where + " has the shape " + tensor.getDimsList());
            }
            elements *= dimension;
        }
        ElementType type = ElementType.ofCode(tensor.getDataType());
        if (tensor.hasRawData()) {
            boolean packed = type == ElementType.INT4 || type == ElementType.UINT4;
            long expected = packed ? Math.ceilDiv(elements, 2) : elements * type.bytes();
            if (type.bytes() > 0 || packed) {
                checkCount(tensor, where, tensor.getRawData().size(), expected, "bytes");
            }
            return;
        }
        switch (type) {
            case FLOAT -> checkCount(tensor, where, tensor.getFloatDataCount(), elements, "elements");
            case DOUBLE -> checkCount(tensor, where, tensor.getDoubleDataCount(), elements, "elements");
            case INT64 -> checkCount(tensor, where, tensor.getInt64DataCount(), elements, "elements");
            case UINT64, UINT32 -> checkCount(tensor, where, tensor.getUint64DataCount(), elements, "elements");
            case INT32, INT16, UINT16, INT8, UINT8, BOOL, FLOAT16, BFLOAT16 ->
                checkCount(tensor, where, tensor.getInt32DataCount(), elements, "elements");
            case STRING -> checkCount(tensor, where, tensor.getStringDataCount(), elements, "elements");
            // Two a number, as in the bytes.
            case INT4, UINT4 ->
                checkCount(tensor, where, tensor.getInt32DataCount(), Math.ceilDiv(elements, 2), "pairs of elements");
            case OTHER -> {}
        }
    }

    private void checkCount(TensorProto tensor, String where, long found, long expected, String unit) {
        if (found != expected) {
            throw bad(where + " of shape " + tensor.getDimsList() + " holds " + found + " " + unit + ", not " + expected
                    + "; the file is damaged");
        }
    }

    private BadInputException bad(String problem) {
        return new BadInputException(origin + ": " + problem + "; export the model again");
    }
}
