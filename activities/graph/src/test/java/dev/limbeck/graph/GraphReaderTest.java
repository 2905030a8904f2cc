package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged, foreign and hostile files: refused by name, or read as valid graphs; nothing else. */
class GraphReaderTest {

    private final Graph network = TestNetworks.convolutional(1);

    @TempDir
    private Path folder;

    @Test
    void readsBackWhatWasWritten() throws IOException {
        Path file = folder.resolve("deep/model.onnx");
        network.write(file);

        assertThat(Graph.read(file)).isEqualTo(network);
        Path plain = Files.createFile(folder.resolve("plain"));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(plain));
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void mutatedBytesGiveAMessageOrAValidGraph() {
        Random random = new Random(42);
        byte[] convolutional = network.toBytes();
        byte[] transformer = TestNetworks.transformer(1).toBytes();
        int read = 0;
        for (int i = 0; i < 4000; i++) {
            byte[] bytes = mutated(i % 2 == 0 ? convolutional : transformer, random);
            try {
                Graph graph = Graph.parse(bytes, "mutated");
                read++;
                useEverything(graph);
            } catch (BadInputException e) {
                assertThat(e).hasMessageMatching("(?s).{20,}");
            }
        }
        // Most mutations hit weights, which any value suits.
        assertThat(read).isBetween(100, 3900);
    }

    private static void useEverything(Graph graph) {
        try {
            Cost.of(graph);
            ConstantFolding.fold(graph);
            BatchNormFolding.fold(graph);
            for (String cut : Cuts.find(graph)) {
                Subgraph.prefix(graph, cut);
            }
        } catch (BadInputException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    /** One to four bytes changed, a piece cut out or doubled, or the end cut off. */
    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] out = bytes.clone();
        int kind = random.nextInt(10);
        int at = random.nextInt(bytes.length);
        if (kind == 0) {
            return Arrays.copyOf(out, at);
        }
        if (kind == 1) {
            int length = Math.min(random.nextInt(40), bytes.length - at);
            byte[] shorter = new byte[bytes.length - length];
            System.arraycopy(bytes, 0, shorter, 0, at);
            System.arraycopy(bytes, at + length, shorter, at, bytes.length - at - length);
            return shorter;
        }
        for (int i = 0; i <= random.nextInt(4); i++) {
            // Nodes come first in the file, so small positions change structure rather than weights.
            int position = random.nextBoolean() ? random.nextInt(bytes.length) : random.nextInt(2500);
            out[position] =
                    (byte) (random.nextBoolean() ? random.nextInt(256) : out[position] ^ 1 << random.nextInt(8));
        }
        return out;
    }

    @Test
    void sortsNodesThatAreInTheWrongOrder() {
        List<NodeProto> nodes = new ArrayList<>(network.proto().getGraph().getNodeList());
        Collections.reverse(nodes);
        Graph read = parse(graph -> graph.clearNode().addAllNode(nodes));

        assertThat(Oracle.difference(network, read, 2, 1)).isZero();
        assertThat(read.nodes().getFirst().op()).isEqualTo("Conv");
    }

    @Test
    void namesTheNodeOfACycle() {
        assertRefused(
                graph -> {
                    NodeProto last = graph.getNode(5);
                    graph.setNode(0, graph.getNode(0).toBuilder().setInput(0, last.getOutput(0)));
                },
                "cycle",
                "stem");
    }

    @Test
    void callsANodeWithoutANameByItsOperatorAndOutput() {
        assertRefused(
                graph -> graph.setNode(
                        0, graph.getNode(0).toBuilder().clearName().setInput(0, "nowhere")),
                "Conv -> stem",
                "'nowhere'",
                "nothing makes");
    }

    @Test
    void refusesAbsurdAndNegativeShapes() {
        assertRefused(graph -> dims(graph, -3, 8), "'stem_w'", "[-3, 8]");
        assertRefused(graph -> dims(graph, 1L << 40, 1L << 40), "'stem_w'");
        assertRefused(graph -> dims(graph, 8, 3), "'stem_w'", "864 bytes, not 96");
        assertRefused(
                graph -> graph.getInputBuilder(0)
                        .getTypeBuilder()
                        .getTensorTypeBuilder()
                        .getShapeBuilder()
                        .getDimBuilder(1)
                        .setDimValue(1L << 50),
                "'image'",
                "1125899906842624");
    }

    private static void dims(GraphProto.Builder graph, long... dims) {
        for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
            if (tensor.getName().equals("stem_w")) {
                tensor.clearDims().addAllDims(Arrays.stream(dims).boxed().toList());
            }
        }
    }

    @Test
    void refusesOtherFiles() throws IOException {
        Path missing = folder.resolve("missing.onnx");
        Path text = Files.writeString(folder.resolve("text.onnx"), "this is no network, though it is a file");
        Path empty = Files.createFile(folder.resolve("empty.onnx"));

        for (Path file : List.of(missing, text, empty)) {
            assertThatThrownBy(() -> Graph.read(file))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void readsConstantsFromAFileBeside() throws IOException {
        Path file = external("data/weights.bin", "0", "864");
        byte[] weights =
                network.initializers().get("stem_w").proto().getRawData().toByteArray();
        Files.createDirectories(folder.resolve("data"));
        Files.write(folder.resolve("data/weights.bin"), weights);

        assertThat(Graph.read(file)).isEqualTo(network);
        assertThatThrownBy(() -> Graph.parse(Files.readAllBytes(file), "bytes"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("kept in another file");
    }

    @Test
    void readsValuesOfConstantNodesFromAFileBeside() throws IOException {
        GraphEditor editor = GraphEditor.create("constant").input(new ValueInfo("x", ElementType.FLOAT, 2));
        TensorValue value = TensorValue.ofFloats(new float[] {3, 4}, 2);
        editor.add(Node.of("Constant", "c", List.of(), List.of("c")).withTensor("value", value));
        String y = editor.add("Add", "y", "x", "c");
        Graph graph = editor.output(new ValueInfo(y, ElementType.FLOAT, 2)).build();
        ModelProto.Builder model = graph.proto().toBuilder();
        model.getGraphBuilder()
                .getNodeBuilder(0)
                .getAttributeBuilder(0)
                .getTBuilder()
                .clearRawData()
                .setDataLocation(DataLocation.EXTERNAL)
                .addExternalData(entry("location", "values.bin"));
        Path file = Files.write(folder.resolve("constant.onnx"), model.build().toByteArray());

        assertThatThrownBy(() -> Graph.read(file))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("values.bin");
        Files.write(folder.resolve("values.bin"), value.proto().getRawData().toByteArray());
        assertThat(Graph.read(file)).isEqualTo(graph);
    }

    @Test
    void refusesConstantsOutsideTheFolder() throws IOException {
        Path outside = Files.write(Files.createTempFile("outside", ".bin"), new byte[864]);
        Files.createSymbolicLink(folder.resolve("link.bin"), outside);
        try {
            for (String location : List.of(outside.toString(), "../secret", "a/../../secret", "link.bin", "\0", "")) {
                Path file = external(location, "0", "864");
                assertThatThrownBy(() -> Graph.read(file))
                        .as(location)
                        .isInstanceOf(BadInputException.class)
                        .hasMessageContaining("outside the model's folder")
                        .hasMessageContaining("stem_w");
            }
        } finally {
            Files.delete(outside);
        }
    }

    @Test
    void refusesExternalDataThatIsTooShort() throws IOException {
        Files.write(folder.resolve("short.bin"), new byte[100]);
        for (String[] range : new String[][] {{"0", "864"}, {"64", "864"}, {"-1", "10"}, {"x", "864"}, {"0", "100"}}) {
            Path file = external("short.bin", range[0], range[1]);
            assertThatThrownBy(() -> Graph.read(file))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("stem_w");
        }
    }

    @Test
    void refusesExternalDataWhereItIsNotLoaded() throws IOException {
        TensorProto kept = TensorProto.newBuilder()
                .setName("kept")
                .setDataType(ElementType.FLOAT.code())
                .setDataLocation(DataLocation.EXTERNAL)
                .addExternalData(entry("location", "/etc/passwd"))
                .build();
        ModelProto.Builder list = network.proto().toBuilder();
        list.getGraphBuilder()
                .getNodeBuilder(0)
                .addAttributeBuilder()
                .setName("list")
                .addTensors(kept);
        ModelProto.Builder sparse = network.proto().toBuilder();
        sparse.getGraphBuilder().addSparseInitializerBuilder().setValues(kept);

        for (ModelProto.Builder model : List.of(list, sparse)) {
            Path file = Files.write(folder.resolve("kept.onnx"), model.build().toByteArray());
            assertThatThrownBy(() -> Graph.read(file))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("'kept'");
        }
    }

    @Test
    void givesNoMemoryForWhatAFileOnlyClaims() {
        assertRefused(
                graph -> {
                    for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
                        if (tensor.getName().equals("stem_w")) {
                            tensor.clearRawData().clearDims().addDims(1 << 30).setDataType(ElementType.INT4.code());
                        }
                    }
                },
                "'stem_w'",
                "0 pairs of elements");

        Graph doubled = doubledRanks(40);
        assertThatThrownBy(() -> ShapeInference.infer(doubled, 1))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("dimensions");

        Graph empty = slicedEmpty(1024, 1024, 1024, 0);
        assertThat(ShapeInference.infer(empty, 1).get("y").shape()).containsExactly(1024, 1024, 1023, 0);
    }

    /** Each Gather by its own input has all its dimensions twice. */
    private static Graph doubledRanks(int times) {
        GraphEditor editor = GraphEditor.create("doubled").input(new ValueInfo("x", ElementType.INT64, 1, 1, 1));
        String x = "x";
        for (int i = 0; i < times; i++) {
            x = editor.add("Gather", "g" + i, x, x);
        }
        return editor.output(ValueInfo.unranked(x, ElementType.INT64)).build();
    }

    /** A constant without elements whose other dimensions are large, and one entry less along the third. */
    private static Graph slicedEmpty(long... shape) {
        GraphEditor editor = GraphEditor.create("empty").input(new ValueInfo("x", ElementType.FLOAT, 1));
        String sizes = editor.initializer("sizes", TensorValue.ofLongs(shape, shape.length));
        String empty = editor.add("ConstantOfShape", "empty", sizes);
        for (String name : List.of("starts", "ends", "axes")) {
            long value = name.equals("starts") ? 1 : name.equals("ends") ? 1024 : 2;
            editor.initializer(name, TensorValue.ofLongs(new long[] {value}, 1));
        }
        String y = editor.add("Slice", "y", empty, "starts", "ends", "axes");
        return editor.output(ValueInfo.unranked(y, ElementType.FLOAT)).build();
    }

    private Path external(String location, String offset, String length) throws IOException {
        GraphProto.Builder graph = network.proto().getGraph().toBuilder();
        for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
            if (tensor.getName().equals("stem_w")) {
                tensor.clearRawData()
                        .setDataLocation(DataLocation.EXTERNAL)
                        .addExternalData(entry("location", location))
                        .addExternalData(entry("offset", offset))
                        .addExternalData(entry("length", length));
            }
        }
        return Files.write(
                folder.resolve("external.onnx"),
                network.proto().toBuilder().setGraph(graph).build().toByteArray());
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private Graph parse(Consumer<GraphProto.Builder> change) {
        ModelProto.Builder model = network.proto().toBuilder();
        change.accept(model.getGraphBuilder());
        return Graph.parse(model.build().toByteArray(), "changed.onnx");
    }

    private void assertRefused(Consumer<GraphProto.Builder> change, String... parts) {
        assertThatThrownBy(() -> parse(change))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("changed.onnx: ")
                .hasMessageContainingAll(parts);
    }
}
