package dev.limbeck.schemas;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.constructor.StandardConstructor;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A YAML document as plain maps and lists, with the line on which each value stands.
 *
 * @param lines line from 1 by JSON pointer, such as {@code /scenarios/0/name}
 */
record YamlDocument(String origin, Object value, Map<String, Integer> lines) {

    /** @throws BadInputException naming file and line where the text is no YAML or repeats a key */
    static YamlDocument parse(String text, String origin) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(origin)
                .setAllowDuplicateKeys(false)
                .build();
        try {
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isEmpty()) {
                throw new BadInputException(origin + ":1: is empty; see 'limbeck help run' for an example of a spec");
            }
            Map<String, Integer> lines = new HashMap<>();
            number(root.get(), "", lines);
            return new YamlDocument(origin, new StandardConstructor(settings).constructSingleDocument(root), lines);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new BadInputException(origin + ":" + line + ": " + e.getProblem(), e);
        } catch (YamlEngineException e) {
            throw new BadInputException(origin + ": is no YAML: " + e.getMessage(), e);
        }
    }

    /** Where a value stands, or the nearest thing around it. */
    String place(String pointer) {
        String nearest = pointer;
        while (!lines.containsKey(nearest) && !nearest.isEmpty()) {
            nearest = nearest.substring(0, nearest.lastIndexOf('/'));
        }
        return origin + ":" + lines.getOrDefault(nearest, 1);
    }

    /** The same document with every value replaced as told; pointers stay the same. */
    YamlDocument mapScalars(ScalarMapper mapper) {
        return new YamlDocument(origin, mapped(value, "", mapper), lines);
    }

    /** Replaces a scalar. */
    @FunctionalInterface
    interface ScalarMapper {
        Object map(String pointer, Object scalar);
    }

    private static Object mapped(Object value, String pointer, ScalarMapper mapper) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> out = new LinkedHashMap<>();
            map.forEach((key, inner) -> out.put(String.valueOf(key), mapped(inner, pointer + "/" + key, mapper)));
            return out;
        }
        if (value instanceof List<?> list) {
            List<Object> out = new ArrayList<>();
            for (int i = 0; i < list.size(); i++) {
                out.add(mapped(list.get(i), pointer + "/" + i, mapper));
            }
            return out;
        }
        return mapper.map(pointer, value);
    }

    private static void number(Node node, String pointer, Map<String, Integer> lines) {
        node.getStartMark().ifPresent(mark -> lines.putIfAbsent(pointer, mark.getLine() + 1));
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key) {
                    String inner = pointer + "/" + key.getValue();
                    key.getStartMark().ifPresent(mark -> lines.put(inner, mark.getLine() + 1));
                    number(tuple.getValueNode(), inner, lines);
                }
            }
        } else if (node instanceof SequenceNode sequence) {
            for (int i = 0; i < sequence.getValue().size(); i++) {
                number(sequence.getValue().get(i), pointer + "/" + i, lines);
            }
        }
    }
}
