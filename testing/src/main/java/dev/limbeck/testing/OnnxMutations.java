package dev.limbeck.testing;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ShapeInference;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Damaged and hostile variants of ONNX files.
 *
 * <p>Half of them are wrong as bytes: flipped, cut off, pieces doubled or taken from another network, lengths that no file has. The
 * other half are whole messages that say something wrong: shapes, types, names, cycles, attributes, operators, data in other files,
 * nested graphs.
 */
public final class OnnxMutations {

    private static final long[] ABSURD = {
        0,
        1,
        -1,
        2,
        7,
        1 << 10,
        1 << 16,
        1 << 30,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 40,
        1L << 62,
        Long.MAX_VALUE,
        Integer.MIN_VALUE,
        Long.MIN_VALUE
    };
    private static final String[] LOCATIONS = {
        "../outside.bin", "/etc/passwd", "/dev/zero", "weights.bin", "a/../weights.bin", ".", "", "\0", "missing"
    };
    private static final AttributeProto.AttributeType[] TYPES = AttributeProto.AttributeType.values();
    private static final int DEEPEST = 200;

    private final List<byte[]> files;
    private final List<ModelProto> models;
    private final List<String> operators = List.copyOf(ShapeInference.supported());
    private final Random random;

    /** @param networks what is mutated; small ones, as mutations of weights change nothing */
    public OnnxMutations(List<Graph> networks, long seed) {
        this.files = networks.stream().map(Graph::toBytes).toList();
        this.models = networks.stream().map(Graph::proto).toList();
        this.random = new Random(seed);
    }

    /** The next file; the same ones in the same order for the same seed. */
    public byte[] next() {
        int network = random.nextInt(files.size());
        if (random.nextBoolean()) {
            return bytes(files.get(network));
        }
        ModelProto.Builder model = models.get(network).toBuilder();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            change(model.getGraphBuilder());
        }
        byte[] file = model.build().toByteArray();
        return random.nextInt(8) == 0 ? bytes(file) : file;
    }

    private byte[] bytes(byte[] file) {
        int at = random.nextInt(file.length);
        int length = Math.min(1 + random.nextInt(200), file.length - at);
        return switch (random.nextInt(8)) {
            case 0 -> joined(file, at, new byte[0], 0, 0, file.length);
            case 1 -> joined(file, at, new byte[0], 0, 0, at + length);
            case 2 -> joined(file, at, file, at, length, at);
            case 3 -> {
                byte[] other = files.get(random.nextInt(files.size()));
                int from = random.nextInt(other.length);
                yield joined(file, at, other, from, Math.min(length, other.length - from), at);
            }
            case 4 -> {
                // A varint of up to ten bytes: a length or number far beyond the file.
                byte[] huge = new byte[1 + random.nextInt(9)];
                Arrays.fill(huge, (byte) 0xFF);
                huge[huge.length - 1] = 0x7F;
                yield joined(file, at, huge, 0, huge.length, Math.min(file.length, at + huge.length));
            }
            default -> flipped(file);
        };
    }

    /** The beginning of a file, a piece of another, and the rest from a position on. */
    private static byte[] joined(byte[] file, int end, byte[] piece, int from, int length, int rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + length);
        out.write(file, 0, end);
        out.write(piece, from, length);
        out.write(file, rest, file.length - rest);
        return out.toByteArray();
    }

    private byte[] flipped(byte[] file) {
        byte[] out = file.clone();
        int flips = 1 + random.nextInt(8);
        for (int i = 0; i < flips; i++) {
            // Nodes come first in a file, weights last: small positions change structure.
            int position = random.nextInt(random.nextBoolean() ? file.length : Math.min(file.length, 4000));
            out[position] =
                    (byte) (random.nextBoolean() ? random.nextInt(256) : out[position] ^ 1 << random.nextInt(8));
        }
        return out;
    }

    private void change(GraphProto.Builder graph) {
        switch (random.nextInt(12)) {
            case 0 -> tensorShape(tensor(graph));
            case 1 -> tensor(graph).setDataType(random.nextInt(30));
            case 2 -> declaredShape(graph);
            case 3 -> integers(graph);
            case 4 -> external(tensor(graph));
            case 5 -> names(graph);
            case 6 -> cycle(graph);
            case 7 -> node(graph).setOpType(operators.get(random.nextInt(operators.size())));
            case 8 -> order(graph);
            case 9 -> attribute(node(graph));
            case 10 -> branch(graph);
            default -> tensor(graph).clearRawData();
        }
    }

    private TensorProto.Builder tensor(GraphProto.Builder graph) {
        return graph.getInitializerCount() == 0
                ? graph.addInitializerBuilder()
                : graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount()));
    }

    private NodeProto.Builder node(GraphProto.Builder graph) {
        return graph.getNodeCount() == 0
                ? graph.addNodeBuilder()
                : graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
    }

    private long absurd() {
        return ABSURD[random.nextInt(ABSURD.length)];
    }

    private void tensorShape(TensorProto.Builder tensor) {
        if (random.nextBoolean()) {
            // Packed types have no count of their own to check against.
            tensor.clearRawData().setDataType(random.nextBoolean() ? DataType.INT4_VALUE : DataType.STRING_VALUE);
        }
        int dimensions = random.nextInt(4) == 0 ? random.nextInt(DEEPEST) : random.nextInt(4);
        tensor.clearDims();
        for (int i = 0; i < dimensions; i++) {
            tensor.addDims(absurd());
        }
    }

    private void declaredShape(GraphProto.Builder graph) {
        if (graph.getInputCount() == 0) {
            return;
        }
        ValueInfoProto.Builder input = graph.getInputBuilder(random.nextInt(graph.getInputCount()));
        if (random.nextInt(4) == 0) {
            input.getTypeBuilder().getTensorTypeBuilder().setElemType(random.nextInt(30));
            return;
        }
        TensorShapeProto.Builder shape =
                input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        for (TensorShapeProto.Dimension.Builder dimension : shape.getDimBuilderList()) {
            if (random.nextBoolean()) {
                dimension.setDimValue(absurd());
            }
        }
        if (random.nextInt(3) == 0) {
            shape.addDimBuilder().setDimValue(absurd());
        }
    }

    /** Sizes, axes and indices that nodes take from constants. */
    private void integers(GraphProto.Builder graph) {
        int count = 1 + random.nextInt(5);
        ByteBuffer data = ByteBuffer.allocate(8 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            data.putLong(absurd());
        }
        String name = "absurd" + graph.getInitializerCount();
        graph.addInitializerBuilder()
                .setName(name)
                .setDataType(DataType.INT64_VALUE)
                .addDims(count)
                .setRawData(ByteString.copyFrom(data.flip()));
        NodeProto.Builder node = node(graph);
        if (node.getInputCount() > 1) {
            node.setInput(random.nextInt(node.getInputCount()), name);
        } else {
            node.addInput(name);
        }
        if (random.nextBoolean()) {
            node.setOpType(List.of("Reshape", "Expand", "Tile", "ConstantOfShape", "Pad", "Slice", "Range", "Resize")
                    .get(random.nextInt(8)));
        }
    }

    private void external(TensorProto.Builder tensor) {
        tensor.clearRawData().setDataLocation(DataLocation.EXTERNAL);
        String[][] entries = {
            {"location", LOCATIONS[random.nextInt(LOCATIONS.length)]},
            {"offset", Long.toString(absurd())},
            {"length", random.nextBoolean() ? Long.toString(absurd()) : "x"}
        };
        for (String[] entry : entries) {
            if (random.nextInt(4) > 0) {
                tensor.addExternalData(
                        StringStringEntryProto.newBuilder().setKey(entry[0]).setValue(entry[1]));
            }
        }
    }

    private void names(GraphProto.Builder graph) {
        NodeProto.Builder from = node(graph);
        NodeProto.Builder to = node(graph);
        String name = from.getOutputCount() > 0 && random.nextInt(4) > 0 ? from.getOutput(0) : "";
        if (to.getInputCount() > 0 && random.nextBoolean()) {
            to.setInput(random.nextInt(to.getInputCount()), name);
        } else if (to.getOutputCount() > 0) {
            to.setOutput(random.nextInt(to.getOutputCount()), name);
        }
    }

    private static void cycle(GraphProto.Builder graph, int early, int late) {
        NodeProto.Builder reader = graph.getNodeBuilder(early);
        NodeProto maker = graph.getNode(late);
        if (reader.getInputCount() > 0 && maker.getOutputCount() > 0) {
            reader.setInput(0, maker.getOutput(0));
        }
    }

    private void cycle(GraphProto.Builder graph) {
        if (graph.getNodeCount() > 0) {
            int late = random.nextInt(graph.getNodeCount());
            cycle(graph, random.nextInt(late + 1), late);
        }
    }

    private void order(GraphProto.Builder graph) {
        List<NodeProto> nodes = new ArrayList<>(graph.getNodeList());
        if (nodes.isEmpty()) {
            return;
        }
        int at = random.nextInt(nodes.size());
        switch (random.nextInt(3)) {
            case 0 -> Collections.shuffle(nodes, random);
            case 1 -> nodes.remove(at);
            default -> nodes.add(nodes.get(at));
        }
        graph.clearNode().addAllNode(nodes);
    }

    private void attribute(NodeProto.Builder node) {
        if (node.getAttributeCount() == 0) {
            node.addAttributeBuilder().setName("axis").setI(absurd());
            return;
        }
        int at = random.nextInt(node.getAttributeCount());
        AttributeProto.Builder attribute = node.getAttributeBuilder(at);
        switch (random.nextInt(5)) {
            case 0 -> node.removeAttribute(at);
            case 1 -> attribute.setType(TYPES[random.nextInt(TYPES.length)]);
            case 2 -> attribute.addInts(absurd());
            default -> {
                attribute.setI(absurd()).setF(random.nextBoolean() ? Float.NaN : 1e30f);
                for (int i = 0; i < attribute.getIntsCount(); i++) {
                    if (random.nextBoolean()) {
                        attribute.setInts(i, absurd());
                    }
                }
            }
        }
    }

    /** A node in the branch of an If, in the branch of an If, and so on. */
    private void branch(GraphProto.Builder graph) {
        if (graph.getNodeCount() == 0) {
            return;
        }
        graph.addInitializerBuilder()
                .setName("condition")
                .setDataType(DataType.BOOL_VALUE)
                .setRawData(ByteString.copyFrom(new byte[] {(byte) random.nextInt(2)}));
        int at = random.nextInt(graph.getNodeCount());
        NodeProto inner = graph.getNode(at);
        int depth = random.nextInt(4) == 0 ? random.nextInt(DEEPEST) : 1 + random.nextInt(3);
        for (int i = 0; i < depth; i++) {
            GraphProto.Builder nested = GraphProto.newBuilder().addNode(inner);
            inner.getOutputList().forEach(output -> nested.addOutputBuilder().setName(output));
            inner = NodeProto.newBuilder()
                    .setOpType(random.nextInt(8) == 0 ? "Loop" : "If")
                    .addInput("condition")
                    .addAllOutput(inner.getOutputList())
                    .addAttribute(
                            AttributeProto.newBuilder().setName("then_branch").setG(nested))
                    .addAttribute(
                            AttributeProto.newBuilder().setName("else_branch").setG(nested))
                    .build();
            if (inner.getSerializedSize() > 1 << 18) {
                break;
            }
        }
        graph.setNode(at, inner);
    }
}
