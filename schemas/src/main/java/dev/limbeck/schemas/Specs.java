package dev.limbeck.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;

/** Reads specs from YAML files. */
public final class Specs {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Specs() {}

    /**
     * @return the spec; the path of its reference is resolved against the spec's folder
     * @throws BadInputException as "FILE:LINE: what is wrong; what would be right"
     */
    public static Spec read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(file + ": no such file; give the path of a spec (see 'limbeck help run')");
        }
        try {
            Spec spec = parse(Files.readString(file), file.toString());
            Path folder = file.toAbsolutePath().getParent();
            return withReference(
                    spec, folder.resolve(spec.reference()).normalize().toString());
        } catch (MalformedInputException e) {
            throw new BadInputException(file + ": is no text in UTF-8; give a YAML file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** @param origin what messages call the text: its path, mostly */
    static Spec parse(String text, String origin) {
        YamlDocument written = YamlDocument.parse(text, origin);
        YamlDocument document = written.mapScalars((pointer, scalar) -> Units.read(pointer, scalar, written));
        JsonNode tree = JSON.valueToTree(document.value());
        JsonSchema schema = Schemas.named("spec");
        Set<ValidationMessage> problems = schema.validate(tree);
        if (!problems.isEmpty()) {
            throw new BadInputException(problems.stream()
                    .map(problem -> Explanations.explain(problem, schema, document))
                    .distinct()
                    .sorted(Comparator.comparing(message -> message))
                    .reduce((a, b) -> a + "\n" + b)
                    .orElseThrow());
        }
        try {
            return JSON.treeToValue(automaticBlocks(tree), Spec.class);
        } catch (IOException e) {
            if (e.getCause() instanceof BadInputException cause) {
                throw new BadInputException(document.place("/scenarios") + ": " + cause.getMessage(), e);
            }
            throw new BadInputException(origin + ": " + e.getMessage(), e);
        }
    }

    /** "blocks: auto" says what leaving it out says. */
    private static JsonNode automaticBlocks(JsonNode tree) {
        if (tree.path("space").path("blocks").isTextual()) {
            ((com.fasterxml.jackson.databind.node.ObjectNode) tree.get("space")).remove("blocks");
        }
        return tree;
    }

    private static Spec withReference(Spec spec, String reference) {
        return new Spec(
                spec.limbeck(),
                spec.name(),
                reference,
                spec.task(),
                spec.space(),
                spec.library(),
                spec.predictor(),
                spec.search(),
                spec.finetune(),
                spec.quantize(),
                spec.scenarios(),
                spec.goals(),
                spec.seed());
    }
}
