package dev.limbeck.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events of the last release, whose schemas lie in {@code released/}, and of this one are understood by both. */
class SchemaCompatibilityTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"measurement", "progress", "device", "result"})
    void eventsChangeOnlyCompatibly(String name) throws IOException {
        assertThat(SchemaCompatibility.breaks(schema("released/" + name), schema(name)))
                .isEmpty();
    }

    @Test
    void whatWouldBreakOthersIsFound() throws IOException {
        Stream<Consumer<ObjectNode>> changes = Stream.of(
                schema -> ((ObjectNode) schema.get("properties")).remove("cpu"),
                schema -> ((ObjectNode) schema.at("/properties/cores")).put("type", "string"),
                schema -> ((ObjectNode) schema.at("/properties/cores")).put("minimum", 2),
                schema -> ((ObjectNode) schema.at("/properties/id")).put("maxLength", 8),
                schema -> schema.withArray("/required").add("model"),
                schema -> schema.withArray("/required").remove(0),
                schema -> schema.withArray("/properties/state/enum").remove(0),
                schema -> ((ObjectNode) schema.at("/properties/state")).remove("enum"),
                schema -> schema.withArray("/properties/precisions/items/enum").remove(0));
        JsonNode released = schema("released/device");
        changes.forEach(change -> {
            ObjectNode changed = released.deepCopy();
            change.accept(changed);
            assertThat(SchemaCompatibility.breaks(released, changed))
                    .as(changed.toString())
                    .hasSize(1);
        });
    }

    @Test
    void newFieldsAndValuesAreAllowed() throws IOException {
        JsonNode released = schema("released/device");
        ObjectNode changed = released.deepCopy();
        ((ObjectNode) changed.get("properties")).putObject("colour").put("type", "string");
        changed.withArray("/properties/state/enum").add("asleep");
        assertThat(SchemaCompatibility.breaks(released, changed)).isEmpty();
    }

    private static JsonNode schema(String name) throws IOException {
        try (InputStream in = Schemas.class.getResourceAsStream(name + ".schema.json")) {
            return JSON.readTree(in);
        }
    }
}
