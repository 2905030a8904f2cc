package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Turns nodes of YAML into JSON, and notes the line of each. Aliases are written out. */
final class YamlToJson {

    /** A few lines of aliases of aliases can stand for billions of values. */
    private static final int VALUES = 10_000;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);

    private final String origin;
    private final Map<String, Integer> lines = new HashMap<>();
    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private int values;

    YamlToJson(String origin) {
        this.origin = origin;
    }

    Map<String, Integer> lines() {
        return lines;
    }

    /** @throws BadInputException where a key is repeated or no text, or a value holds itself or cannot be written as JSON */
    JsonNode read(Node node, String pointer) {
        lines.putIfAbsent(pointer, line(node));
        if (++values > VALUES) {
            throw bad(node, "more than " + VALUES + " values, aliases written out; a spec needs a hundred");
        }
        if (!open.add(node)) {
            throw bad(node, "an alias to the value that it stands in; write the value out");
        }
        JsonNode read =
                switch (node) {
                    case MappingNode mapping -> mapping(mapping, pointer);
                    case SequenceNode sequence -> sequence(sequence, pointer);
                    case ScalarNode scalar -> scalar(scalar);
                    default -> throw bad(node, "a kind of value that a spec does not know");
                };
        open.remove(node);
        return read;
    }

    private ObjectNode mapping(MappingNode mapping, String pointer) {
        ObjectNode object = JSON.objectNode();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw bad(entry.getKeyNode(), "a list or mapping as a key; keys are words");
            }
            String inner = pointer + "/" + YamlDocument.escape(key.getValue());
            if (object.has(key.getValue())) {
                throw bad(key, "'" + key.getValue() + "' stands here and in line " + lines.get(inner) + "; keep one");
            }
            lines.put(inner, line(key));
            object.set(key.getValue(), read(entry.getValueNode(), inner));
        }
        return object;
    }

    private ArrayNode sequence(SequenceNode sequence, String pointer) {
        ArrayNode array = JSON.arrayNode();
        for (Node entry : sequence.getValue()) {
            array.add(read(entry, pointer + "/" + array.size()));
        }
        return array;
    }

    private JsonNode scalar(ScalarNode scalar) {
        String text = scalar.getValue();
        if (scalar.getTag().equals(Tag.NULL)) {
            return JSON.nullNode();
        }
        if (scalar.getTag().equals(Tag.BOOL)) {
            return JSON.booleanNode(Boolean.parseBoolean(text));
        }
        if (scalar.getTag().equals(Tag.INT)) {
            BigInteger value = new BigInteger(text);
            boolean fits = value.compareTo(LONG_MIN) >= 0 && value.compareTo(LONG_MAX) <= 0;
            return fits ? JSON.numberNode(value.longValue()) : JSON.numberNode(value);
        }
        if (scalar.getTag().equals(Tag.FLOAT)) {
            return JSON.numberNode(finite(scalar));
        }
        return JSON.textNode(text);
    }

    private double finite(ScalarNode scalar) {
        try {
            double value = Double.parseDouble(scalar.getValue());
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // .nan and .inf, as YAML writes them
        }
        throw bad(scalar, scalar.getValue() + " is no number that can be used; give a finite one");
    }

    private BadInputException bad(Node node, String message) {
        return new BadInputException(origin + ":" + line(node) + ": " + message);
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
