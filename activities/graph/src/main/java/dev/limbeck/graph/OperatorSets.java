package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import dev.limbeck.schemas.BadInputException;
import java.util.Map;

/** Moves graphs to newer versions of ONNX's operator set. */
final class OperatorSets {

    /** The versions, lowest first, at which an operator's attributes, inputs or meaning changed so that a node must be rewritten. */
    private static final Map<String, int[]> CHANGES = Map.ofEntries(
            Map.entry("BatchNormalization", new int[] {9}),
            Map.entry("Cast", new int[] {9}),
            Map.entry("Clip", new int[] {11}),
            Map.entry("Dropout", new int[] {12}),
            Map.entry("GroupNormalization", new int[] {21}),
            Map.entry("Hardmax", new int[] {13}),
            Map.entry("LogSoftmax", new int[] {13}),
            Map.entry("Pad", new int[] {11}),
            Map.entry("ReduceL1", new int[] {18}),
            Map.entry("ReduceL2", new int[] {18}),
            Map.entry("ReduceLogSum", new int[] {18}),
            Map.entry("ReduceLogSumExp", new int[] {18}),
            Map.entry("ReduceMax", new int[] {18}),
            Map.entry("ReduceMean", new int[] {18}),
            Map.entry("ReduceMin", new int[] {18}),
            Map.entry("ReduceProd", new int[] {18}),
            Map.entry("ReduceSum", new int[] {13}),
            Map.entry("ReduceSumSquare", new int[] {18}),
            Map.entry("Resize", new int[] {11}),
            Map.entry("Slice", new int[] {10}),
            Map.entry("Softmax", new int[] {13}),
            Map.entry("Split", new int[] {13, 18}),
            Map.entry("Squeeze", new int[] {13}),
            Map.entry("TopK", new int[] {10}),
            Map.entry("Unsqueeze", new int[] {13}),
            Map.entry("Upsample", new int[] {9, 10}));

    private OperatorSets() {}

    /**
     * The graph at {@code version}, or as it is if it is newer.
     *
     * @throws BadInputException naming a node that the newer version would read differently
     */
    static Graph raised(Graph graph, int version) {
        int present = graph.opset();
        if (present >= version) {
            return graph;
        }
        for (Node node : graph.nodes()) {
            for (int change : CHANGES.getOrDefault(node.op(), new int[0])) {
                if (present < change && change <= version) {
                    throw new BadInputException("node '" + node.label() + "' (" + node.op() + ") of operator set "
                            + present + " means something else in operator set " + version
                            + ", which is needed here; export the model with operator set " + version);
                }
            }
        }
        return Graph.of(withVersion(graph.proto(), version));
    }

    static ModelProto withVersion(ModelProto model, int version) {
        ModelProto.Builder builder = model.toBuilder();
        for (int i = 0; i < builder.getOpsetImportCount(); i++) {
            OperatorSetIdProto set = builder.getOpsetImport(i);
            if (isOwn(set) && set.getVersion() < version) {
                builder.setOpsetImport(i, set.toBuilder().setVersion(version));
            }
        }
        return builder.build();
    }

    private static boolean isOwn(OperatorSetIdProto set) {
        return set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx");
    }
}
