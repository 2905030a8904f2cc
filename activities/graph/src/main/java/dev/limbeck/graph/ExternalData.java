package dev.limbeck.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
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
import java.util.Map;
import java.util.stream.Stream;

/**
 * Constants that a model keeps in files beside it.
 *
 * <p>They are read into the graph, so that its digest covers them. Files outside the model's folder are refused, also where a
 * symbolic link leads there: a model from a stranger must not read what is not its own.
 */
final class ExternalData {

    private ExternalData() {}

    /** What is done with a constant of the model. */
    @FunctionalInterface
    private interface Change {
        TensorProto of(TensorProto tensor) throws IOException;
    }

    /** @throws BadInputException if a constant is kept in another file, which cannot be found without the model's folder */
    static void refuse(ModelProto model, String origin) {
        externals(model.getGraph()).findFirst().ifPresent(tensor -> {
            throw new BadInputException(origin + ": constant '" + tensor.getName()
                    + "' is kept in another file; give the model's path, or export it as one file");
        });
    }

    static ModelProto loaded(ModelProto model, Path file) throws IOException {
        if (externals(model.getGraph()).findAny().isEmpty()) {
            return model;
        }
        Path folder = file.toAbsolutePath().getParent().toRealPath();
        ModelProto.Builder builder = model.toBuilder();
        replace(
                builder.getGraphBuilder(),
                tensor -> isExternal(tensor) ? loaded(tensor, folder, file.toString()) : tensor);
        return builder.build();
    }

    /** Initializers, values of Constant nodes, and those of the branches of an If. */
    private static Stream<TensorProto> externals(GraphProto graph) {
        Stream<TensorProto> inNodes = graph.getNodeList().stream()
                .flatMap(node -> node.getAttributeList().stream())
                .flatMap(attribute -> attribute.hasG()
                        ? externals(attribute.getG())
                        : Stream.of(attribute.getT()).filter(ExternalData::isExternal));
        return Stream.concat(graph.getInitializerList().stream().filter(ExternalData::isExternal), inNodes);
    }

    private static void replace(GraphProto.Builder graph, Change change) throws IOException {
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            graph.setInitializer(i, change.of(graph.getInitializer(i)));
        }
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
                if (attribute.hasT()) {
                    attribute.setT(change.of(attribute.getT()));
                } else if (attribute.hasG()) {
                    replace(attribute.getGBuilder(), change);
                }
            }
        }
    }

    private static boolean isExternal(TensorProto tensor) {
        return tensor.getDataLocation() == DataLocation.EXTERNAL || tensor.getExternalDataCount() > 0;
    }

    private static TensorProto loaded(TensorProto tensor, Path folder, String origin) throws IOException {
        Map<String, String> entries = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        String where = origin + ": constant '" + tensor.getName() + "'";
        Path data = inside(entries.getOrDefault("location", ""), folder, where);
        long size = Files.size(data);
        long offset = number(entries, "offset", 0, where);
        long length = number(entries, "length", size - offset, where);
        if (offset > size || length > size - offset || length > Integer.MAX_VALUE - 16) {
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
