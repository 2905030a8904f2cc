package dev.limbeck.tensor;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/** Recurrent layers over 5 steps of a batch of 2, with 3 inputs and 4 hidden units. */
final class RecurrentCases extends CaseFamily {

    private static final int HIDDEN = 4;
    private static final int BATCH = 2;

    /** What a layer is given beside its weights and biases. */
    private enum Given {
        NOTHING,
        STATES,
        LENGTHS,
        LENGTHS_AND_STATES
    }

    @Override
    void define() {
        UnaryOperator<Node> linear = n -> n.withInteger("linear_before_reset", 1);
        for (String direction : List.of("forward", "reverse", "bidirectional")) {
            for (String op : List.of("LSTM", "GRU", "RNN")) {
                layer(op, direction, Given.NOTHING, 0, n -> n);
                layer(op, direction + ", last states", Given.STATES, 1, n -> n);
                layer(op, direction + ", lengths", Given.LENGTHS_AND_STATES, 0, n -> n);
                layer(op, direction + ", last states after lengths", Given.LENGTHS, 1, n -> n);
            }
            layer("GRU", direction + ", linear before reset", Given.STATES, 0, linear);
        }
        layer("LSTM", "forward, last cell state", Given.STATES, 2, n -> n);
        layer("GRU", "forward, linear before reset, lengths", Given.LENGTHS, 0, linear);
        layer(
                "LSTM",
                "forward, without biases",
                Given.NOTHING,
                0,
                n -> n.withInputs(n.inputs().subList(0, 3)));
        layer(
                "GRU",
                "forward, without biases",
                Given.NOTHING,
                0,
                n -> n.withInputs(n.inputs().subList(0, 3)));
        layer("RNN", "forward, Relu", Given.NOTHING, 0, RecurrentCases::relu);
    }

    private void layer(String op, String mode, Given given, int output, UnaryOperator<Node> change) {
        add(op + " " + mode, dims(5, BATCH, 3), g -> {
            List<String> outputs = new ArrayList<>(Collections.nCopies(output, ""));
            outputs.add("y");
            Node node = node(op, inputs(op, mode, given, g).toArray(String[]::new))
                    .withText("direction", mode.split(",")[0])
                    .withInteger("hidden_size", HIDDEN)
                    .withOutputs(outputs);
            g.add(change.apply(node));
            return "y";
        });
    }

    private List<String> inputs(String op, String mode, Given given, GraphEditor g) {
        int rows = HIDDEN
                * switch (op) {
                    case "LSTM" -> 4;
                    case "GRU" -> 3;
                    default -> 1;
                };
        int directions = mode.startsWith("bidirectional") ? 2 : 1;
        List<String> inputs = new ArrayList<>(List.of(
                "x",
                weight("w", directions, rows, 3),
                weight("r", directions, rows, HIDDEN),
                weight("b", directions, 2 * rows)));
        boolean lengths = given == Given.LENGTHS || given == Given.LENGTHS_AND_STATES;
        inputs.add(lengths ? g.initializer("lengths", TensorValue.ofInts(new int[] {3, 5}, BATCH)) : "");
        if (given == Given.STATES || given == Given.LENGTHS_AND_STATES) {
            inputs.add(weight("h", directions, BATCH, HIDDEN));
            if (op.equals("LSTM")) {
                inputs.add(weight("c", directions, BATCH, HIDDEN));
            }
        }
        return inputs;
    }

    private static Node relu(Node node) {
        return new Node(node.proto().toBuilder()
                .addAttribute(AttributeProto.newBuilder()
                        .setName("activations")
                        .setType(AttributeType.STRINGS)
                        .addStrings(ByteString.copyFromUtf8("Relu")))
                .build());
    }
}
