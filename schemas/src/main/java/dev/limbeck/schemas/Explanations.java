package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.ValidationMessage;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Turns what a JSON Schema validator says about a document into lines for the person who wrote it. */
final class Explanations {

    private static final int SIMILAR = 3;
    private static final int LINES = 10;

    private final YamlDocument document;
    private final JsonNode schema;

    /** @param schema the whole schema, in which the validator's places are looked up */
    Explanations(YamlDocument document, JsonNode schema) {
        this.document = document;
        this.schema = schema;
    }

    /** One line a mistake, in the order of the document; one mistake a value, since those after the first follow from it. */
    String explain(Collection<ValidationMessage> problems) {
        Map<String, ValidationMessage> first = new LinkedHashMap<>();
        problems.stream()
                .sorted(Comparator.comparing(problem -> !problem.getType().equals("type")))
                .forEach(problem -> first.putIfAbsent(pointer(problem), problem));
        List<ValidationMessage> found = first.values().stream()
                .sorted(Comparator.comparing((ValidationMessage problem) -> document.line(pointer(problem)))
                        .thenComparing(this::pointer))
                .toList();
        return found.stream()
                        .limit(LINES)
                        .map(problem -> document.place(pointer(problem)) + ": " + sentence(problem))
                        .collect(Collectors.joining("\n"))
                + (found.size() > LINES ? "\n(and " + (found.size() - LINES) + " more)" : "");
    }

    private String sentence(ValidationMessage problem) {
        JsonNode rule = rule(problem);
        return switch (problem.getType()) {
            case "additionalProperties" -> unknownKey(problem.getProperty(), rule);
            case "required" ->
                name(pointer(problem)) + " is missing; it must be "
                        + Requirement.of(schema, rule.path("properties").path(problem.getProperty()));
            default ->
                name(pointer(problem)) + " is " + shown(problem) + ", but must be " + Requirement.of(schema, rule);
        };
    }

    private static String unknownKey(String key, JsonNode rule) {
        List<String> known = Requirement.keys(rule);
        Function<String, Integer> far =
                candidate -> EditDistance.between(key.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
        return known.stream()
                .min(Comparator.comparing(far))
                .filter(candidate -> far.apply(candidate) <= Math.min(SIMILAR, candidate.length() / 2))
                .map(candidate -> "unknown key '" + key + "'; did you mean '" + candidate + "'?")
                .orElse("unknown key '" + key + "'; known keys here: " + String.join(", ", known));
    }

    private String shown(ValidationMessage problem) {
        JsonNode value = document.at(pointer(problem));
        if (value.isNull()) {
            return "empty";
        }
        if (value.isTextual()) {
            return "'" + value.asText() + "'";
        }
        if (value.isValueNode()) {
            return value.asText();
        }
        return value.isArray() ? "[" + elements(value) + "]" : "a mapping";
    }

    private static String elements(JsonNode array) {
        return array.valueStream()
                .map(entry -> entry.isValueNode() ? entry.asText() : "…")
                .collect(Collectors.joining(", "));
    }

    /** "scenarios[0].limits.latency", or "the spec". */
    private static String name(String pointer) {
        String dotted = pointer.replaceAll("/(\\d+)(?=/|$)", "[$1]").replace('/', '.');
        return dotted.isEmpty() ? "the spec" : unescape(dotted.replaceFirst("^\\.", ""));
    }

    /** The part of the schema that holds the keyword that was broken. */
    private JsonNode rule(ValidationMessage problem) {
        String keyword = problem.getSchemaLocation().getFragment().toString();
        return schema.at(keyword.substring(0, keyword.lastIndexOf('/')));
    }

    /** Of the value that is wrong, of the key that is unknown, or of the one that is missing. */
    private String pointer(ValidationMessage problem) {
        StringBuilder pointer = new StringBuilder();
        for (int i = 0; i < problem.getInstanceLocation().getNameCount(); i++) {
            pointer.append('/')
                    .append(YamlDocument.escape(problem.getInstanceLocation().getName(i)));
        }
        if (problem.getProperty() != null) {
            pointer.append('/').append(YamlDocument.escape(problem.getProperty()));
        }
        return pointer.toString();
    }

    private static String unescape(String part) {
        return part.replace("~1", "/").replace("~0", "~");
    }
}
