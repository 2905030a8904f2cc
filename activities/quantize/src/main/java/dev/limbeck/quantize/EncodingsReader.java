package dev.limbeck.quantize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads what {@link EncodingsWriter} writes, and what AIMET does in the same versions. */
final class EncodingsReader {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of accumulators and biases, whose grid follows from input and weight. */
    private static final int ACCUMULATOR_BITS = 32;

    private final String origin;
    private final Graph network;
    private final Map<String, Encoding> activations = new LinkedHashMap<>();
    private final Map<String, Encoding> parameters = new LinkedHashMap<>();

    EncodingsReader(String origin, Graph network) {
        this.origin = origin;
        this.network = network;
    }

    Encodings read(String json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new BadInputException(
                    origin + " is not JSON: line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage(), e);
        }
        String version = root.path("version").asText("");
        switch (version) {
            case "0.4.0", "0.5.0", "0.6.0", "0.6.1" -> {
                section(root, "activation_encodings", false).properties().forEach(p -> legacy(p, false));
                section(root, "param_encodings", false).properties().forEach(p -> legacy(p, true));
            }
            case "1.0.0" -> {
                section(root, "activation_encodings", true).forEach(entry -> entry(named(entry), false));
                section(root, "param_encodings", true).forEach(entry -> entry(named(entry), true));
            }
            case "2.0.0" -> section(root, "encodings", true).forEach(entry -> onnx(named(entry)));
            default ->
                throw new BadInputException(origin + " has the version '" + version
                        + "'; encodings of versions 0.6.1, 1.0.0 and 2.0.0 can be read");
        }
        return new Encodings(activations, parameters);
    }

    private JsonNode section(JsonNode root, String key, boolean list) {
        JsonNode section = root.path(key);
        if (list ? !section.isArray() : !section.isObject()) {
            throw new BadInputException(
                    origin + ": '" + key + "' must be " + (list ? "a list" : "an object with the names of tensors"));
        }
        return section;
    }

    private JsonEntry at(String name, JsonNode node) {
        return new JsonEntry(origin + ": tensor '" + name + "'", node);
    }

    private JsonEntry named(JsonNode node) {
        if (node.path("name").asText("").isEmpty()) {
            throw new BadInputException(origin + ": an encoding has no name: " + node);
        }
        return at(node.path("name").asText(), node);
    }

    private void legacy(Map.Entry<String, JsonNode> property, boolean parameter) {
        String name = property.getKey();
        JsonNode channels = property.getValue();
        if (!channels.isArray() || channels.isEmpty()) {
            throw at(name, channels).bad("must have a list with an encoding for the tensor, or one for each channel");
        }
        JsonEntry first = at(name, channels.get(0));
        int bits = first.integer("bitwidth");
        if (first.node().path("dtype").asText("int").equals("float")) {
            put(name, first, floats(first, bits), parameter);
            return;
        }
        float[] scale = new float[channels.size()];
        int[] offset = new int[channels.size()];
        for (int c = 0; c < scale.length; c++) {
            JsonEntry channel = at(name, channels.get(c));
            scale[c] = channel.number("scale");
            offset[c] = channel.integer("offset");
        }
        boolean symmetric = first.node().path("is_symmetric").asText("False").equalsIgnoreCase("true");
        put(name, new GivenEncoding(first, bits, symmetric, scale, offset, scale.length > 1, 0, true), parameter);
    }

    private void entry(JsonEntry entry, boolean parameter) {
        String name = entry.node().path("name").asText();
        int bits = entry.integer("bw");
        String type = entry.node().path("dtype").asText("INT");
        if (type.equals("FLOAT") || type.equals("FP")) {
            put(name, entry, floats(entry, bits), parameter);
            return;
        }
        float[] scale = entry.numbers("scale");
        int[] offset = entry.integers("offset");
        boolean symmetric = entry.node().path("is_sym").asBoolean();
        String kind = entry.node().path("enc_type").asText("");
        GivenEncoding given =
                switch (kind) {
                    case "PER_TENSOR" -> new GivenEncoding(entry, bits, symmetric, scale, offset, false, 0, true);
                    case "PER_CHANNEL" -> new GivenEncoding(entry, bits, symmetric, scale, offset, true, 0, true);
                    case "PER_BLOCK" ->
                        new GivenEncoding(
                                entry, bits, symmetric, scale, offset, true, positive(entry, "block_size"), true);
                    case "LPBQ" -> compressed(entry, scale);
                    default ->
                        throw entry.bad("has the enc_type '" + kind
                                + "'; known are PER_TENSOR, PER_CHANNEL, PER_BLOCK and LPBQ");
                };
        put(name, given, parameter);
    }

    private static int positive(JsonEntry entry, String key) {
        int value = entry.integer(key);
        if (value < 1) {
            throw entry.bad("has the " + key + " " + value + "; give 1 or more");
        }
        return value;
    }

    /** Scales of blocks as small integers times the scale of their channel. */
    private static GivenEncoding compressed(JsonEntry entry, float[] channels) {
        int bits = entry.integer("compressed_bw");
        float[] scale = entry.numbers("per_block_int_scale");
        requireMultiple(entry, scale, channels);
        for (int i = 0; i < scale.length; i++) {
            scale[i] *= channels[i / (scale.length / channels.length)];
        }
        int blockSize = positive(entry, "block_size");
        return new GivenEncoding(entry, bits, true, scale, lowest(scale.length, bits), true, blockSize, true);
    }

    private static void requireMultiple(JsonEntry entry, float[] blocks, float[] channels) {
        if (channels.length == 0 || blocks.length == 0 || blocks.length % channels.length != 0) {
            throw entry.bad("has " + blocks.length + " scales of blocks for " + channels.length + " channels");
        }
    }

    /** The offsets of symmetric encodings. */
    private static int[] lowest(int count, int bits) {
        int[] offsets = new int[count];
        Arrays.fill(offsets, -(1 << (bits - 1)));
        return offsets;
    }

    private void onnx(JsonEntry entry) {
        String name = entry.node().path("name").asText();
        String type = entry.node().path("output_dtype").asText("");
        if (!type.matches("u?int\\d{1,2}")) {
            throw entry.bad("has the output_dtype '" + type + "'; integers such as uint8 can be read");
        }
        boolean signed = !type.startsWith("u");
        int bits = Integer.parseInt(type.substring(signed ? 3 : 4));
        int blockSize = entry.node().has("block_size") ? positive(entry, "block_size") : 0;
        boolean parameter = network.initializers().containsKey(name);
        float[] scale = entry.node().has("per_block_int_scale") ? scalesOfBlocks(entry) : entry.numbers("y_scale");
        int[] zeroPoint = entry.node().has("y_zero_point") ? entry.integers("y_zero_point") : new int[scale.length];
        int[] offset = signed && bits <= ACCUMULATOR_BITS ? lowest(zeroPoint.length, bits) : new int[zeroPoint.length];
        boolean symmetric = signed;
        for (int i = 0; i < offset.length; i++) {
            offset[i] -= zeroPoint[i];
            symmetric &= zeroPoint[i] == 0;
        }
        boolean perChannel = parameter && (entry.node().has("axis") || blockSize > 0);
        put(name, new GivenEncoding(entry, bits, symmetric, scale, offset, perChannel, blockSize, false), parameter);
    }

    /** As lists [channels][blocks] times [channels][1], or [blocks][channels] times [1][channels]. */
    private static float[] scalesOfBlocks(JsonEntry entry) {
        float[] scale = entry.numbers("per_block_int_scale");
        float[] channels = entry.numbers("per_channel_float_scale");
        requireMultiple(entry, scale, channels);
        boolean blocksAreColumns = entry.integer("axis") == 1;
        int blocks = scale.length / channels.length;
        for (int i = 0; i < scale.length; i++) {
            scale[i] *= channels[blocksAreColumns ? i / blocks : i % channels.length];
        }
        return scale;
    }

    private static Encoding floats(JsonEntry entry, int bits) {
        return switch (bits) {
            case 16 -> Encoding.floats(NumberFormat.FLOAT16);
            case 32 -> Encoding.floats(NumberFormat.FLOAT32);
            default -> throw entry.bad("is a float of " + bits + " bits; 16 and 32 can be read");
        };
    }

    private void put(String name, GivenEncoding given, boolean listedAsParameter) {
        if (given.bits() == ACCUMULATOR_BITS) {
            return;
        }
        // constants that no layer has as its weight are listed among the activations by some
        boolean parameter = listedAsParameter || network.initializers().containsKey(name);
        requireTensor(name, given.entry(), parameter);
        Encoding encoding = parameter ? given.ofParameter(network, name) : given.ofActivation();
        put(name, given.entry(), encoding, parameter);
    }

    private void put(String name, JsonEntry entry, Encoding encoding, boolean parameter) {
        requireTensor(name, entry, parameter);
        if ((parameter ? parameters : activations).put(name, encoding) != null) {
            throw entry.bad("is encoded twice");
        }
    }

    private void requireTensor(String name, JsonEntry entry, boolean parameter) {
        boolean exists = parameter
                ? network.initializers().containsKey(name)
                : network.producer(name).isPresent()
                        || network.inputs().stream()
                                .anyMatch(input -> input.name().equals(name));
        if (!exists) {
            throw entry.bad("is no " + (parameter ? "weight" : "activation") + " of network '" + network.name() + "'");
        }
    }
}
