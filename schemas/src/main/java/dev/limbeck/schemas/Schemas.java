package dev.limbeck.schemas;

import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The JSON Schemas of what crosses a process, by name: "spec", "results", "quantization", "measurement", "progress", "device", "result",
 * "request", "drift".
 */
public final class Schemas {

    private Schemas() {}

    /** @throws IllegalArgumentException if there is no such schema */
    public static JsonSchema named(String name) {
        try (InputStream in = Schemas.class.getResourceAsStream(name + ".schema.json")) {
            if (in == null) {
                throw new IllegalArgumentException("no schema '" + name + "'");
            }
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in);
        } catch (IOException e) {
            throw new UncheckedIOException("schema " + name + " cannot be read", e);
        }
    }
}
