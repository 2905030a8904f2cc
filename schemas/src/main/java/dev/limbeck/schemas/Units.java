package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns values with units, as people write them, into numbers: "1%" into 0.01, "0.5 ms" into 0.5 milliseconds. */
final class Units {

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("\\s*([0-9]*\\.?[0-9]+)\\s*(%|[a-zµ]*)\\s*");
    private static final Map<String, BigDecimal> FACTORS = Map.of(
            "", BigDecimal.ONE,
            "x", BigDecimal.ONE,
            "%", new BigDecimal("0.01"),
            "us", new BigDecimal("0.001"),
            "µs", new BigDecimal("0.001"),
            "ms", BigDecimal.ONE,
            "s", new BigDecimal("1000"));

    private Units() {}

    /**
     * Replaces the values of a spec that have units; which units are right where, its schema says.
     *
     * @throws BadInputException where a value is out of range, which the schema does not see through the unit
     */
    static void replace(YamlDocument document) {
        for (int i = 0; i < document.tree().path("quantize").size(); i++) {
            replace(document, "/quantize/" + i, "goal", 0, 1);
        }
        replace(document, "/goals", "accuracyDrop", 0, 1);
        replace(document, "/goals", "speedup", Double.MIN_VALUE, Double.POSITIVE_INFINITY);
        for (int i = 0; i < document.tree().path("scenarios").size(); i++) {
            replace(document, "/scenarios/" + i + "/limits", "latency", Double.MIN_VALUE, Double.POSITIVE_INFINITY);
        }
    }

    private static void replace(YamlDocument document, String parent, String key, double least, double most) {
        JsonNode value = document.at(parent).path(key);
        if (!value.isTextual()) {
            return;
        }
        double number = number(value.asText());
        if (number < least || number >= most) {
            throw new BadInputException(document.place(parent + "/" + key) + ": " + key + " is '" + value.asText()
                    + "', but must be " + (number < least ? "above 0" : "below 100%"));
        }
        ((ObjectNode) document.at(parent)).put(key, number);
    }

    private static double number(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches() || !FACTORS.containsKey(matcher.group(2))) {
            throw new IllegalArgumentException("the schema let '" + text + "' pass");
        }
        // decimal: 1 * 0.01 in binary has more digits than 0.01
        return new BigDecimal(matcher.group(1))
                .multiply(FACTORS.get(matcher.group(2)))
                .doubleValue();
    }
}
