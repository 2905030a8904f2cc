package dev.limbeck.quantize;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * An object in a JSON file, with the words that say where it stands.
 *
 * @param place such as "encodings.json: tensor 'conv1.weight'"
 */
record JsonEntry(String place, JsonNode node) {

    /** @param problem what is wrong, as the rest of a sentence */
    BadInputException bad(String problem) {
        return new BadInputException(place + " " + problem);
    }

    int integer(String key) {
        JsonNode value = node.path(key);
        // AIMET writes offsets as floats of integral value now and then
        if (!value.isNumber() || value.asDouble() != Math.rint(value.asDouble()) || !value.canConvertToInt()) {
            throw bad("needs an integer '" + key + "'" + found(value));
        }
        return value.asInt();
    }

    float number(String key) {
        return number(key, node.path(key));
    }

    private float number(String key, JsonNode value) {
        if (!value.isNumber()) {
            throw bad("needs a number '" + key + "'" + found(value));
        }
        return (float) value.asDouble();
    }

    private static String found(JsonNode value) {
        return value.isMissingNode() ? ", which is missing" : ", but has " + value;
    }

    /** A number or lists of numbers, nested or not, in the order in which they stand. */
    float[] numbers(String key) {
        List<JsonNode> leaves = leaves(key);
        float[] numbers = new float[leaves.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(key, leaves.get(i));
        }
        return numbers;
    }

    /** As {@link #numbers}. */
    int[] integers(String key) {
        List<JsonNode> leaves = leaves(key);
        int[] integers = new int[leaves.size()];
        for (int i = 0; i < integers.length; i++) {
            double value = number(key, leaves.get(i));
            if (value != Math.rint(value)) {
                throw bad("needs integers in '" + key + "', but has " + value);
            }
            integers[i] = (int) value;
        }
        return integers;
    }

    private List<JsonNode> leaves(String key) {
        if (node.path(key).isMissingNode()) {
            throw bad("needs '" + key + "', which is missing");
        }
        List<JsonNode> leaves = new ArrayList<>();
        collect(node.path(key), leaves);
        return leaves;
    }

    private static void collect(JsonNode value, List<JsonNode> leaves) {
        if (value.isArray()) {
            value.forEach(each -> collect(each, leaves));
        } else {
            leaves.add(value);
        }
    }
}
