package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a part of a JSON Schema asks for, in words that end "…, but must be". */
final class Requirement {

    private Requirement() {}

    /** @param schema the whole, for references into it */
    static String of(JsonNode schema, JsonNode rule) {
        if (rule.has("$ref")) {
            return of(schema, schema.at(rule.get("$ref").asText().substring(1)));
        }
        if (rule.has("if")) {
            return of(schema, rule.get("then"));
        }
        if (rule.has("enum")) {
            return (rule.get("enum").size() == 1 ? "" : "one of ") + words(rule.get("enum"));
        }
        if (rule.has("const") || rule.has("pattern")) {
            return rule.path("description").asText()
                    + (rule.has("examples")
                            ? ", such as " + rule.get("examples").get(0).asText()
                            : "");
        }
        return switch (rule.path("type").asText()) {
            case "integer" -> "a whole number" + limits(rule);
            case "number" -> "a number" + limits(rule);
            case "string" -> "text";
            case "array" ->
                "a list" + (rule.path("uniqueItems").asBoolean() ? " without repetitions" : "") + size(rule)
                        + ", each entry "
                        + of(schema, rule.get("items"));
            case "object" -> "a mapping with some of the keys " + String.join(", ", keys(rule));
            default -> "as the schema says";
        };
    }

    /** The keys that a mapping may have. */
    static List<String> keys(JsonNode rule) {
        List<String> names = new ArrayList<>();
        rule.path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String words(JsonNode list) {
        return list.valueStream().map(JsonNode::asText).collect(Collectors.joining(", "));
    }

    private static String size(JsonNode rule) {
        int least = rule.path("minItems").asInt();
        if (least > 0 && least == rule.path("maxItems").asInt()) {
            return " of " + least;
        }
        return least > 0 ? ", not empty" : "";
    }

    private static String limits(JsonNode rule) {
        List<String> limits = new ArrayList<>();
        add(limits, rule, "minimum", "at least ");
        add(limits, rule, "exclusiveMinimum", "above ");
        add(limits, rule, "maximum", "at most ");
        return limits.isEmpty() ? "" : " " + String.join(" and ", limits);
    }

    private static void add(List<String> limits, JsonNode rule, String keyword, String words) {
        if (rule.has(keyword)) {
            limits.add(words + new BigDecimal(rule.get(keyword).asText()).toPlainString());
        }
    }
}
