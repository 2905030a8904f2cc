package dev.limbeck.graph;

import static java.util.Objects.requireNonNull;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One operator of a graph, immutable. An input or output that is left out has the empty name. */
public record Node(NodeProto proto) {

    public Node {
        requireNonNull(proto, "proto is null");
    }

    public static Node of(String op, String name, List<String> inputs, List<String> outputs) {
        return new Node(NodeProto.newBuilder()
                .setOpType(op)
                .setName(name)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .build());
    }

    public String name() {
        return proto.getName();
    }

    /** The operator's name, such as "Conv"; prefixed by its domain where that is not ONNX's own ("com.microsoft.QGemm"). */
    public String op() {
        String domain = proto.getDomain();
        return domain.isEmpty() || domain.equals("ai.onnx") ? proto.getOpType() : domain + "." + proto.getOpType();
    }

    public List<String> inputs() {
        return proto.getInputList();
    }

    public List<String> outputs() {
        return proto.getOutputList();
    }

    /** Name of the input at a position; empty where it is left out. */
    public String input(int position) {
        return position < proto.getInputCount() ? proto.getInput(position) : "";
    }

    public boolean hasInput(int position) {
        return !input(position).isEmpty();
    }

    public String output(int position) {
        return position < proto.getOutputCount() ? proto.getOutput(position) : "";
    }

    /** Tensors of the graph around it that the graphs in its attributes (If, Loop) read. */
    public Set<String> captured() {
        return Topology.captured(this);
    }

    /** How messages call this node: its name, or its operator and first output where it has none. */
    public String label() {
        return name().isEmpty() ? op() + " -> " + output(0) : name();
    }

    public Optional<AttributeProto> attribute(String name) {
        return proto.getAttributeList().stream()
                .filter(a -> a.getName().equals(name))
                .findFirst();
    }

    public long integer(String name, long fallback) {
        return attribute(name).map(AttributeProto::getI).orElse(fallback);
    }

    public float number(String name, float fallback) {
        return attribute(name).map(AttributeProto::getF).orElse(fallback);
    }

    public String text(String name, String fallback) {
        return attribute(name).map(a -> a.getS().toStringUtf8()).orElse(fallback);
    }

    public long[] integers(String name, long... fallback) {
        return attribute(name)
                .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray())
                .orElse(fallback);
    }

    public float[] numbers(String name, float... fallback) {
        return attribute(name)
                .map(a -> {
                    float[] out = new float[a.getFloatsCount()];
                    for (int i = 0; i < out.length; i++) {
                        out[i] = a.getFloats(i);
                    }
                    return out;
                })
                .orElse(fallback);
    }

    public Optional<TensorValue> tensor(String name) {
        return attribute(name).filter(AttributeProto::hasT).map(a -> TensorValue.of(a.getT()));
    }

    public Node withInteger(String name, long value) {
        return with(attribute(name, AttributeProto.AttributeType.INT).setI(value));
    }

    public Node withNumber(String name, float value) {
        return with(attribute(name, AttributeProto.AttributeType.FLOAT).setF(value));
    }

    public Node withText(String name, String value) {
        return with(attribute(name, AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value)));
    }

    public Node withIntegers(String name, long... values) {
        AttributeProto.Builder builder = attribute(name, AttributeProto.AttributeType.INTS);
        for (long value : values) {
            builder.addInts(value);
        }
        return with(builder);
    }

    public Node withTensor(String name, TensorValue value) {
        return with(attribute(name, AttributeProto.AttributeType.TENSOR).setT(value.proto()));
    }

    public Node withDomain(String domain) {
        return new Node(proto.toBuilder().setDomain(domain).build());
    }

    public Node withName(String name) {
        return new Node(proto.toBuilder().setName(name).build());
    }

    public Node withInputs(List<String> inputs) {
        return new Node(proto.toBuilder().clearInput().addAllInput(inputs).build());
    }

    public Node withOutputs(List<String> outputs) {
        return new Node(proto.toBuilder().clearOutput().addAllOutput(outputs).build());
    }

    private static AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }

    private Node with(AttributeProto.Builder attribute) {
        NodeProto.Builder builder = proto.toBuilder();
        for (int i = 0; i < builder.getAttributeCount(); i++) {
            if (builder.getAttribute(i).getName().equals(attribute.getName())) {
                return new Node(builder.setAttribute(i, attribute).build());
            }
        }
        return new Node(builder.addAttribute(attribute).build());
    }

    @Override
    public String toString() {
        return label() + ": " + outputs() + " = " + op() + inputs();
    }
}
