package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What of a schema's change would break readers or writers of the version before: a field that is gone, has another type or other
 * bounds, is newly required or no longer so, or a value that is no longer allowed. New fields and new values are allowed.
 */
final class SchemaCompatibility {

    private static final Set<String> COMPARED_OTHERWISE =
            Set.of("properties", "required", "enum", "items", "description", "title", "$schema");

    private final List<String> breaks = new ArrayList<>();

    static List<String> breaks(JsonNode released, JsonNode now) {
        SchemaCompatibility compatibility = new SchemaCompatibility();
        compatibility.compare("", released, now);
        return compatibility.breaks;
    }

    private void compare(String path, JsonNode released, JsonNode now) {
        Set<String> keywords = new HashSet<>();
        released.fieldNames().forEachRemaining(keywords::add);
        now.fieldNames().forEachRemaining(keywords::add);
        keywords.removeAll(COMPARED_OTHERWISE);
        for (String keyword : keywords) {
            if (!released.path(keyword).equals(now.path(keyword))) {
                breaks.add(path + ": " + keyword + " has changed");
            }
        }
        if (!texts(released.path("required")).equals(texts(now.path("required")))) {
            breaks.add(path + ": what is required has changed");
        }
        if (!texts(now.path("enum")).containsAll(texts(released.path("enum")))
                || released.has("enum") != now.has("enum")) {
            breaks.add(path + ": a value is no longer allowed");
        }
        released.path("properties").fields().forEachRemaining(field -> {
            JsonNode found = now.path("properties").path(field.getKey());
            if (found.isMissingNode()) {
                breaks.add(path + "/" + field.getKey() + ": is gone");
            } else {
                compare(path + "/" + field.getKey(), field.getValue(), found);
            }
        });
        if (released.has("items") || now.has("items")) {
            compare(path + "[]", released.path("items"), now.path("items"));
        }
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new HashSet<>();
        array.forEach(entry -> texts.add(entry.asText()));
        return texts;
    }
}
