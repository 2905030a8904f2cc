package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Puts null where a JSON tree holds a number that JSON cannot write. */
public final class FiniteJson {

    private FiniteJson() {}

    /** Changes the tree, and returns it. */
    public static JsonNode of(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> property : object.properties()) {
                if (isForeign(property.getValue())) {
                    property.setValue(object.nullNode());
                } else {
                    of(property.getValue());
                }
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (isForeign(array.get(i))) {
                    array.setNull(i);
                } else {
                    of(array.get(i));
                }
            }
        }
        return node;
    }

    private static boolean isForeign(JsonNode node) {
        return (node.isDouble() || node.isFloat()) && !Double.isFinite(node.doubleValue());
    }
}
