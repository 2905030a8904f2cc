package dev.limbeck.schemas;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values with units, as people write them: "1%" is 0.01, "0.5 ms" is 0.5 milliseconds. */
final class Units {

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]*\\.?[0-9]+)\\s*(%|[a-zµ]*)");
    private static final Map<String, Double> MILLIS = Map.of("us", 1e-3, "µs", 1e-3, "ms", 1.0, "s", 1e3);

    private Units() {}

    /** The number that a value with a unit stands for; everything else as it is. */
    static Object read(String pointer, Object scalar, YamlDocument document) {
        if (!(scalar instanceof String text)) {
            return scalar;
        }
        if (pointer.equals("/quantize/goal") || pointer.equals("/goals/accuracyDrop")) {
            return number(text, Map.of("%", 0.01), pointer, document, "a percentage such as 1%");
        }
        if (pointer.endsWith("/limits/latency")) {
            return number(text, MILLIS, pointer, document, "a time such as 0.5 ms");
        }
        if (pointer.equals("/goals/speedup")) {
            return number(text, Map.of("x", 1.0), pointer, document, "a factor such as 1.2");
        }
        return scalar;
    }

    private static Object number(
            String text, Map<String, Double> units, String pointer, YamlDocument document, String right) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
        if (!matcher.matches() || !units.containsKey(matcher.group(2))) {
            throw new BadInputException(document.place(pointer) + ": " + pointer.substring(pointer.lastIndexOf('/') + 1)
                    + " is '" + text + "', but must be " + right);
        }
        // 1 * 0.01 has more digits than 1 / 100
        double unit = units.get(matcher.group(2));
        double value = Double.parseDouble(matcher.group(1));
        return unit == 0.01 ? value / 100 : value * unit;
    }
}
