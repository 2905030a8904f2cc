package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import com.google.protobuf.ByteString;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Constants that a model keeps in files beside it.
 *
 * <p>They are read into the graph, so that its digest covers them. Files outside the model's folder are refused, also where a
 * symbolic link leads there: a model from a stranger must not read what is not its own.
 */
final class ExternalData {

    // The limit of one protobuf message, which the graph is in memory.
    private static final long LARGEST_MODEL = Integer.MAX_VALUE - 16L;

    private ExternalData() {}

    /** What is done with a constant of the model. */
    @FunctionalInterface
    private interface Change {
        TensorProto of(TensorProto tensor) throws IOException;
    }

    /** @throws BadInputException if a constant is kept in another file, which cannot be found without the model's folder */
    static void refuse(ModelProto model, String origin) {
        externals(model).findFirst().ifPresent(tensor -> {
            throw new BadInputException(origin + ": constant '" + tensor.getName()
                    + "' is kept in another file; give the model's path, or export it as one file");
        });
    }

    static ModelProto loaded(ModelProto model, Path file) throws IOException {
        if (externals(model).findAny().isEmpty()) {
            return model;
        }
        Path folder = file.toAbsolutePath().getParent().toRealPath();
        ModelProto.Builder builder = model.toBuilder();
        long[] room = {LARGEST_MODEL};
        replace(builder.getGraphBuilder(), tensor -> {
            if (!isExternal(tensor)) {
                return tensor;
            }
            TensorProto loaded = loaded(tensor, folder, file.toString(), room[0]);
            room[0] -= loaded.getRawData().size();
            return loaded;
        });
        ModelProto loaded = builder.build();
        externals(loaded).findFirst().ifPresent(tensor -> {
            throw new BadInputException(
                    file + ": constant '" + tensor.getName()
                            + "' of a function or sparse tensor is kept in another file, which is not read; export the model again");
        });
        return loaded;
    }

    /** Wherever the format has a place for a tensor: who runs the graph would follow the name that stands there. */
    private static Stream<TensorProto> externals(ModelProto model) {
        Stream<TensorProto> inFunctions =
                model.getFunctionsList().stream().flatMap(function -> inNodes(function.getNodeList()));
        return Stream.concat(tensors(model.getGraph()), inFunctions).filter(ExternalData::isExternal);
    }

    private static Stream<TensorProto> tensors(GraphProto graph) {
        return Stream.of(
                        graph.getInitializerList().stream(),
                        graph.getSparseInitializerList().stream().flatMap(ExternalData::tensors),
                        inNodes(graph.getNodeList()))
                .flatMap(tensors -> tensors);
    }

    private static Stream<TensorProto> tensors(SparseTensorProto sparse) {
        return Stream.of(sparse.getValues(), sparse.getIndices());
    }

    private static Stream<TensorProto> inNodes(List<NodeProto> nodes) {
        return nodes.stream().flatMap(node -> node.getAttributeList().stream()).flatMap(attribute -> Stream.of(
                        Stream.of(attribute.getT()),
                        attribute.getTensorsList().stream(),
                        tensors(attribute.getSparseTensor()),
                        attribute.getSparseTensorsList().stream().flatMap(ExternalData::tensors),
                        tensors(attribute.getG()),
                        attribute.getGraphsList().stream().flatMap(ExternalData::tensors))
                .flatMap(tensors -> tensors));
    }

    private static void replace(GraphProto.Builder graph, Change change) throws IOException {
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            graph.setInitializer(i, change.of(graph.getInitializer(i)));
        }
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
                if (attribute.hasT()) {
                    attribute.setT(change.of(attribute.getT()));
                }
                for (int i = 0; i < attribute.getTensorsCount(); i++) {
                    attribute.setTensors(i, change.of(attribute.getTensors(i)));
                }
                if (attribute.hasG()) {
                    replace(attribute.getGBuilder(), change);
                }
                for (GraphProto.Builder inner : attribute.getGraphsBuilderList()) {
                    replace(inner, change);
                }
            }
        }
    }

    private static boolean isExternal(TensorProto tensor) {
        return tensor.getDataLocation() == DataLocation.EXTERNAL || tensor.getExternalDataCount() > 0;
    }

    private static TensorProto loaded(TensorProto tensor, Path folder, String origin, long room) throws IOException {
        Map<String, String> entries = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        String where = origin + ": constant '" + tensor.getName() + "'";
        Path data = inside(entries.getOrDefault("location", ""), folder, where);
        long size = Files.size(data);
        long offset = number(entries, "offset", 0, where);
        long length = number(entries, "length", size - offset, where);
        if (length > room) {
            throw new BadInputException(
                    where + " and those before it are larger than 2 GiB together, which is not read");
        }
        if (offset > size || length > size - offset) {
            throw new BadInputException(where + " takes " + length + " bytes at " + offset + " of " + data
                    + ", which has " + size + "; the file is truncated, or belongs to another model");
        }
        try (SeekableByteChannel channel = Files.newByteChannel(data);
                InputStream in = Channels.newInputStream(channel.position(offset))) {
            return tensor.toBuilder()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(ByteString.copyFrom(in.readNBytes((int) length)))
                    .build();
        }
    }

    private static Path inside(String location, Path folder, String where) throws IOException {
        try {
            Path data = folder.resolve(location).normalize();
            if (location.isEmpty() || !data.startsWith(folder)) {
                throw outside(location, where);
            }
            if (!Files.isRegularFile(data)) {
                throw new BadInputException(
                        where + " is kept in '" + location + "', which is not in the model's folder; put it there");
            }
            Path real = data.toRealPath();
            if (!real.startsWith(folder)) {
                throw outside(location, where);
            }
            return real;
        } catch (InvalidPathException e) {
            throw outside(location, where);
        }
    }

    private static BadInputException outside(String location, String where) {
        return new BadInputException(where + " is kept in '" + location
                + "', which is outside the model's folder and is not read; export the model again");
    }

    private static long number(Map<String, String> entries, String key, long fallback, String where) {
        String text = entries.get(key);
        if (text == null) {
            return fallback;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The message below says it.
        }
        throw new BadInputException(where + " has the " + key + " '" + text + "', which is not a number of bytes");
    }
}
