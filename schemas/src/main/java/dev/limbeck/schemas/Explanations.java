package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.ValidationMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Turns what a JSON Schema validator says into one line for the person who wrote the spec. */
final class Explanations {

    private static final int SIMILAR = 3;

    private Explanations() {}

    static String explain(ValidationMessage problem, JsonSchema schema, YamlDocument document) {
        String pointer = pointer(problem.getInstanceLocation().toString());
        String field = pointer.isEmpty() ? "the spec" : pointer.substring(pointer.lastIndexOf('/') + 1);
        String key = problem.getProperty();
        return switch (problem.getType()) {
            case "additionalProperties" ->
                document.place(pointer + "/" + key) + ": unknown key '" + key + "'"
                        + suggestion(key, known(problem, schema));
            case "required" -> document.place(pointer) + ": '" + key + "' is missing from " + field;
            default ->
                document.place(pointer) + ": " + field + " "
                        + problem.getMessage().replaceFirst("^[^:]*: ", "");
        };
    }

    private static String suggestion(String key, List<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
                .filter(candidate -> distance(key, candidate) <= SIMILAR)
                .map(candidate -> "; did you mean '" + candidate + "'?")
                .orElse("; known keys here: " + String.join(", ", known));
    }

    private static List<String> known(ValidationMessage problem, JsonSchema schema) {
        JsonNode node = schema.getSchemaNode();
        String[] path = problem.getEvaluationPath().toString().split("[/.]");
        for (String part : path) {
            JsonNode inner = part.isEmpty() || part.equals("$") ? node : node.path(part);
            if (inner.isMissingNode() && part.matches(".*\\[.*")) {
                break;
            }
            if (part.equals("additionalProperties")) {
                break;
            }
            if (inner.has("$ref")) {
                inner = schema.getSchemaNode().at(inner.get("$ref").asText().substring(1));
            }
            if (part.equals("$ref")) {
                continue;
            }
            node = inner;
        }
        List<String> names = new ArrayList<>();
        node.path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** "$.scenarios[0].name" as "/scenarios/0/name". */
    private static String pointer(String location) {
        return location.replaceFirst("^\\$", "").replace(".", "/").replaceAll("\\[(\\d+)]", "/$1");
    }

    /** Levenshtein's edit distance. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
