package dev.limbeck.schemas;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns values with units, as people write them, into numbers: "1%" into 0.01, "0.5 ms" into 0.5 milliseconds. */
final class Units {

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("\\s*([0-9]*\\.?[0-9]+)\\s*(%|[a-zA-Zµ]*)\\s*");
    private static final Map<String, BigDecimal> FACTORS = Map.ofEntries(
            entry("", BigDecimal.ONE),
            entry("x", BigDecimal.ONE),
            entry("%", new BigDecimal("0.01")),
            entry("us", new BigDecimal("0.001")),
            entry("µs", new BigDecimal("0.001")),
            entry("ms", BigDecimal.ONE),
            entry("s", new BigDecimal("1000")),
            entry("B", BigDecimal.ONE),
            entry("kB", new BigDecimal("1000")),
            entry("KB", new BigDecimal("1000")),
            entry("MB", new BigDecimal("1000000")),
            entry("GB", new BigDecimal("1000000000")),
            entry("KiB", BigDecimal.valueOf(1L << 10)),
            entry("MiB", BigDecimal.valueOf(1L << 20)),
            entry("GiB", BigDecimal.valueOf(1L << 30)));

    private Units() {}

    /**
     * Replaces the values of a spec that have units; which units are right where, its schema says.
     *
     * @throws BadInputException where a value is out of range, which the schema does not see through the unit
     */
    static void replace(YamlDocument document) {
        for (int i = 0; i < document.tree().path("quantize").size(); i++) {
            replace(document, "/quantize/" + i, "goal", 0, 1);
            String way = "/quantize/" + i;
            boolean isTime = isTime(document.at(way + "/budget"));
            replace(document, way, "budget", Double.MIN_VALUE, Double.POSITIVE_INFINITY);
            if (isTime) {
                ObjectNode settings = (ObjectNode) document.at(way);
                settings.set("budgetMillis", settings.remove("budget"));
            }
        }
        replace(document, "/compress", "ratio", Double.MIN_VALUE, 1);
        replace(document, "/goals", "accuracyDrop", 0, 1);
        replace(document, "/goals", "speedup", Double.MIN_VALUE, Double.POSITIVE_INFINITY);
        replace(document, "/goals", "latency", Double.MIN_VALUE, Double.POSITIVE_INFINITY);
        replace(document, "/goals", "size", 1, Double.POSITIVE_INFINITY);
        for (int i = 0; i < document.tree().path("scenarios").size(); i++) {
            replace(document, "/scenarios/" + i + "/limits", "latency", Double.MIN_VALUE, Double.POSITIVE_INFINITY);
        }
    }

    /** Whether a budget is a latency, not a share. */
    static boolean isTime(JsonNode budget) {
        return budget.asText().strip().endsWith("s");
    }

    private static void replace(YamlDocument document, String parent, String key, double least, double most) {
        JsonNode value = document.at(parent).path(key);
        if (!value.isTextual()) {
            return;
        }
        double number = number(value.asText());
        if (number < least || number >= most) {
            throw new BadInputException(document.place(parent + "/" + key) + ": " + key + " is '" + value.asText()
                    + "', but must be " + (number < least ? (least == 1 ? "1 B at least" : "above 0") : "below 100%"));
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
