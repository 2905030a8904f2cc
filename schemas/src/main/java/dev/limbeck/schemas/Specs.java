package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Reads specs from YAML files. */
public final class Specs {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_BYTES = 1 << 20;

    private Specs() {}

    /**
     * @return the spec; the path of its reference is resolved against the spec's folder
     * @throws BadInputException as "FILE:LINE: what is wrong; what would be right", a line for each mistake
     */
    public static Spec read(Path file) {
        YamlDocument document = YamlDocument.parse(text(file), file.toString());
        Spec spec = of(document);
        Path reference = file.toAbsolutePath().resolveSibling(spec.reference()).normalize();
        if (!Files.isRegularFile(reference)) {
            throw new BadInputException(document.place("/reference") + ": reference: " + reference
                    + (Files.exists(reference) ? ": is no file" : ": no such file")
                    + "; give the path of an ONNX file, relative to the spec's folder");
        }
        return spec.withReference(reference.toString());
    }

    /** @param origin what messages call the text: its path, mostly */
    static Spec parse(String text, String origin) {
        return of(YamlDocument.parse(text, origin));
    }

    private static Spec of(YamlDocument document) {
        JsonSchema schema = Schemas.named("spec");
        Set<ValidationMessage> problems = schema.validate(document.tree());
        if (!problems.isEmpty()) {
            throw new BadInputException(new Explanations(document, schema.getSchemaNode()).explain(problems));
        }
        refuseSameNames(document);
        Units.replace(document);
        automaticBlocks(document.tree());
        squareImages(document.tree());
        try {
            return JSON.treeToValue(document.tree(), Spec.class);
        } catch (IOException e) {
            throw new BadInputException(document.origin() + ":1: " + e.getMessage(), e);
        }
    }

    private static void refuseSameNames(YamlDocument document) {
        Map<String, Integer> lines = new HashMap<>();
        for (int i = 0; i < document.tree().get("scenarios").size(); i++) {
            String pointer = "/scenarios/" + i + "/name";
            String name = document.at(pointer).asText();
            Integer before = lines.putIfAbsent(name, document.line(pointer));
            if (before != null) {
                throw new BadInputException(document.place(pointer) + ": a scenario is called '" + name
                        + "' already in line " + before + "; give each its own name");
            }
        }
    }

    /** "blocks: auto" says what leaving it out says. */
    private static void automaticBlocks(JsonNode tree) {
        if (tree.path("space").path("blocks").isTextual()) {
            ((ObjectNode) tree.get("space")).remove("blocks");
        }
    }

    /** "imageSize: 224" says "imageSize: [224, 224]". */
    private static void squareImages(JsonNode tree) {
        for (JsonNode scenario : tree.get("scenarios")) {
            JsonNode side = scenario.path("imageSize");
            if (side.isNumber()) {
                ((ObjectNode) scenario).putArray("imageSize").add(side).add(side);
            }
        }
    }

    private static String text(Path file) {
        if (!Files.exists(file)) {
            throw new BadInputException(file + ": no such file; give the path of a spec (see 'limbeck help run')");
        }
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(file + ": is no file; give the path of a spec, a YAML file");
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BadInputException(file + ": is larger than 1 MiB; give the path of a spec, a YAML file");
            }
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new BadInputException(file + ": is no text in UTF-8; give a YAML file", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read (" + e.getMessage() + "); check its permissions", e);
        }
    }
}
