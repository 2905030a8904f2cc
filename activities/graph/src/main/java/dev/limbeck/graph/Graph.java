package dev.limbeck.graph;

import static java.util.Objects.requireNonNull;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedOutputStream;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An ONNX model as an immutable value: the only model format of Limbeck.
 *
 * <p>A reference, a block, an assembled architecture, a finetuned and a quantized network are each one of these. Nodes are in
 * topological order. Two graphs are equal when their digests are. Changes are made on a copy, by {@link #edit()}.
 */
public final class Graph {

    private final ModelProto model;
    private final List<Node> nodes;
    private final Map<String, TensorValue> initializers;
    private final List<ValueInfo> inputs;
    private final List<ValueInfo> outputs;
    private final Map<String, String> metadata;
    private String digest;
    private Links links;

    /** Who makes and who reads each tensor. */
    private record Links(Map<String, Node> producers, Map<String, List<Node>> consumers) {}

    private Graph(ModelProto model) {
        this.model = requireNonNull(model, "model is null");
        GraphProto graph = model.getGraph();
        this.nodes = graph.getNodeList().stream().map(Node::new).toList();
        Map<String, TensorValue> tensors = new LinkedHashMap<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            tensors.put(tensor.getName(), TensorValue.of(tensor));
        }
        this.initializers = Collections.unmodifiableMap(tensors);
        // Up to IR 3 initializers are listed among the inputs; they are constants all the same.
        this.inputs = graph.getInputList().stream()
                .filter(value -> !tensors.containsKey(value.getName()))
                .map(Graph::valueInfo)
                .toList();
        this.outputs = graph.getOutputList().stream().map(Graph::valueInfo).toList();
        Map<String, String> properties = new TreeMap<>();
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            properties.put(entry.getKey(), entry.getValue());
        }
        this.metadata = Collections.unmodifiableMap(properties);
    }

    /**
     * Reads and checks a file, and the constants that it keeps in other files of its folder.
     *
     * @throws BadInputException if the file is missing, is not an ONNX model, is damaged, or keeps constants elsewhere
     */
    public static Graph read(Path file) {
        return GraphReader.read(file);
    }

    /**
     * @param origin what messages call this model: its path, mostly
     * @throws BadInputException if the bytes are not an ONNX model, or are damaged
     */
    public static Graph parse(byte[] bytes, String origin) {
        return GraphReader.parse(bytes, origin);
    }

    /** Wraps a model without checking it; for code that has just built or checked it. */
    public static Graph of(ModelProto model) {
        return new Graph(model);
    }

    /** In topological order. */
    public List<Node> nodes() {
        return nodes;
    }

    public Map<String, TensorValue> initializers() {
        return initializers;
    }

    public Optional<TensorValue> initializer(String name) {
        return Optional.ofNullable(initializers.get(name));
    }

    /** What the caller must feed; initializers are not among them. */
    public List<ValueInfo> inputs() {
        return inputs;
    }

    /** The number of items that a run takes, by what all inputs declare; {@link ValueInfo#DYNAMIC} where it may be any. */
    public long batch() {
        List<Long> declared = inputs.stream()
                .map(ValueInfo::shape)
                .map(shape -> shape == null || shape.length == 0 ? ValueInfo.DYNAMIC : shape[0])
                .distinct()
                .toList();
        return declared.size() == 1 ? declared.getFirst() : ValueInfo.DYNAMIC;
    }

    public List<ValueInfo> outputs() {
        return outputs;
    }

    /** The model's {@code metadata_props}, sorted by key. */
    public Map<String, String> metadata() {
        return metadata;
    }

    public String name() {
        return model.getGraph().getName();
    }

    /** Version of ONNX's own operator set. */
    public int opset() {
        return model.getOpsetImportList().stream()
                .filter(o -> o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx"))
                .mapToInt(o -> (int) o.getVersion())
                .findFirst()
                .orElse(1);
    }

    public ModelProto proto() {
        return model;
    }

    /** A mutable copy. */
    public GraphEditor edit() {
        return new GraphEditor(this);
    }

    /** This graph with the given properties added to its metadata. */
    public Graph withMetadata(Map<String, String> added) {
        return edit().metadata(added).build();
    }

    /** The node that makes a tensor; empty for inputs and initializers. */
    public Optional<Node> producer(String tensor) {
        return Optional.ofNullable(links().producers().get(tensor));
    }

    /** The nodes that read a tensor, also from within a subgraph of theirs, in topological order; each once. */
    public List<Node> consumers(String tensor) {
        return Collections.unmodifiableList(links().consumers().getOrDefault(tensor, List.of()));
    }

    public boolean isOutput(String tensor) {
        return outputs.stream().anyMatch(output -> output.name().equals(tensor));
    }

    private synchronized Links links() {
        if (links == null) {
            Map<String, Node> producers = new HashMap<>();
            Map<String, List<Node>> consumers = new HashMap<>();
            for (Node node : nodes) {
                node.outputs().stream().filter(o -> !o.isEmpty()).forEach(o -> producers.putIfAbsent(o, node));
                for (String name : new LinkedHashSet<>(Topology.reads(node))) {
                    consumers.computeIfAbsent(name, n -> new ArrayList<>()).add(node);
                }
            }
            links = new Links(producers, consumers);
        }
        return links;
    }

    /** SHA-256 of {@link #toBytes()} in hexadecimal: equal models have equal digests, on every machine. */
    public synchronized String digest() {
        if (digest == null) {
            try {
                digest = HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(toBytes()));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
        return digest;
    }

    /** The model in ONNX's format, deterministic: the same graph gives the same bytes. */
    public byte[] toBytes() {
        byte[] bytes = new byte[model.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            model.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes;
    }

    /**
     * Writes the file aside and moves it into place, so that nobody ever sees half of it.
     *
     * @throws BadInputException if it cannot be written
     */
    public void write(Path file) {
        WholeFile.write(file, toBytes(), "choose another place");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Graph that && digest().equals(that.digest());
    }

    @Override
    public int hashCode() {
        return digest().hashCode();
    }

    @Override
    public String toString() {
        return name() + " (" + nodes.size() + " nodes, " + inputs + " -> " + outputs + ")";
    }

    private static ValueInfo valueInfo(ValueInfoProto proto) {
        TypeProto.Tensor tensor = proto.getType().getTensorType();
        if (!tensor.hasShape()) {
            return ValueInfo.unranked(proto.getName(), ElementType.ofCode(tensor.getElemType()));
        }
        List<Long> shape = new ArrayList<>();
        for (Dimension dimension : tensor.getShape().getDimList()) {
            shape.add(
                    dimension.hasDimValue() && dimension.getDimValue() > 0
                            ? dimension.getDimValue()
                            : ValueInfo.DYNAMIC);
        }
        return new ValueInfo(
                proto.getName(),
                ElementType.ofCode(tensor.getElemType()),
                shape.stream().mapToLong(Long::longValue).toArray());
    }
}
