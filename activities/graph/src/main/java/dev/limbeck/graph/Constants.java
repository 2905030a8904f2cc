package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.Optional;

/** Reads the value of Constant nodes. */
final class Constants {

    private Constants() {}

    /** Empty for strings and sparse tensors. */
    static Optional<TensorValue> value(Node node) {
        for (AttributeProto attribute : node.proto().getAttributeList()) {
            switch (attribute.getName()) {
                case "value" -> {
                    return node.tensor("value");
                }
                case "value_float" -> {
                    return Optional.of(TensorValue.ofFloats(new float[] {attribute.getF()}));
                }
                case "value_floats" -> {
                    float[] values = node.numbers("value_floats");
                    return Optional.of(TensorValue.ofFloats(values, values.length));
                }
                case "value_int" -> {
                    return Optional.of(TensorValue.ofLongs(new long[] {attribute.getI()}));
                }
                case "value_ints" -> {
                    long[] values = node.integers("value_ints");
                    return Optional.of(TensorValue.ofLongs(values, values.length));
                }
                default -> {}
            }
        }
        return Optional.empty();
    }
}
