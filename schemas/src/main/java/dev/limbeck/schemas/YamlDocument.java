package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A YAML document as a JSON tree, with the line on which each value stands.
 *
 * @param origin what messages call it: its path, mostly
 * @param lines line from 1 by JSON pointer, such as {@code /scenarios/0/name}; of an entry of a mapping, the key's line
 */
record YamlDocument(String origin, JsonNode tree, Map<String, Integer> lines) {

    /** Parsers of YAML recurse, so depth costs stack. */
    private static final int DEPTH = 50;

    /** @throws BadInputException naming file and line where the text is no YAML, repeats a key or holds what JSON cannot */
    static YamlDocument parse(String text, String origin) {
        // duplicate keys are found below, where both lines are known
        LoadSettings settings = LoadSettings.builder()
                .setLabel(origin)
                .setAllowDuplicateKeys(true)
                .build();
        try {
            refuseDepth(text, settings, origin);
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isEmpty()) {
                throw new BadInputException(origin + ":1: is empty; write a spec as in docs/spec.md");
            }
            YamlToJson reader = new YamlToJson(origin);
            JsonNode tree = reader.read(root.get(), "");
            return new YamlDocument(origin, tree, Map.copyOf(reader.lines()));
        } catch (MarkedYamlEngineException e) {
            throw new BadInputException(origin + ":" + line(e.getProblemMark()) + ": " + explained(e.getProblem()), e);
        } catch (YamlEngineException e) {
            throw new BadInputException(origin + ":1: is no YAML that a spec may be: " + e.getMessage(), e);
        }
    }

    /** "FILE:LINE" of a value, or of the nearest thing around it. */
    String place(String pointer) {
        return origin + ":" + line(pointer);
    }

    int line(String pointer) {
        String nearest = pointer;
        while (!lines.containsKey(nearest) && !nearest.isEmpty()) {
            nearest = nearest.substring(0, nearest.lastIndexOf('/'));
        }
        return lines.getOrDefault(nearest, 1);
    }

    /** What stands at a pointer; a missing node where nothing does. */
    JsonNode at(String pointer) {
        return pointer.isEmpty() ? tree : tree.at(pointer);
    }

    /** A key as a part of a JSON pointer (RFC 6901). */
    static String escape(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    private static void refuseDepth(String text, LoadSettings settings, String origin) {
        int depth = 0;
        for (Event event : new Parse(settings).parseString(text)) {
            if (event instanceof CollectionStartEvent && ++depth > DEPTH) {
                throw new BadInputException(origin + ":" + line(event.getStartMark()) + ": more than " + DEPTH
                        + " levels of lists and mappings; a spec needs 5");
            }
            if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(m -> m.getLine() + 1).orElse(1);
    }

    /** What the parser says, and the mend of the mistakes that are made most. */
    private static String explained(String problem) {
        if (problem.contains("TAB")) {
            return "a tab, which YAML does not allow here; indent with spaces";
        }
        if (problem.startsWith("mapping values are not allowed")) {
            return "a ':' where none may stand; indent keys of one mapping alike, and put a value that holds ': ' in quotes";
        }
        if (problem.contains("another document")) {
            return "a second document begins here; write one spec a file";
        }
        return problem + "; look for a missing quote, bracket or indentation here or just above";
    }
}
