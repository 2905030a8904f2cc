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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads specs from YAML files. */
public final class Specs {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_BYTES = 1 << 20;

    /** Of a dataset: nothing that a path would need. */
    private static final Pattern NAME = Pattern.compile("[\\w-]+");

    private Specs() {}

    /** As {@link #read(Path, List)}, with nothing allowed but the spec's own folder. */
    public static Spec read(Path file) {
        return read(file, List.of());
    }

    /**
     * @param allowed folders besides the spec's own whose files it may name
     * @return the spec; the paths of its reference and of its data, where that is no name, are resolved against the spec's folder, and
     *     files of targets are read
     * @throws BadInputException as "FILE:LINE: what is wrong; what would be right", a line for each mistake; also if the spec names a
     *     file outside its folder, be it by a symbolic link
     */
    public static Spec read(Path file, List<Path> allowed) {
        YamlDocument document = YamlDocument.parse(text(file), file.toString());
        Spec spec = of(document);
        SpecReach reach = new SpecReach(file, allowed);
        Path reference = reach.file(spec.reference(), "reference", document.place("/reference"));
        if (!Files.isRegularFile(reference)) {
            throw new BadInputException(document.place("/reference") + ": reference: " + reference
                    + (Files.exists(reference) ? ": is no file" : ": no such file")
                    + "; give the path of an ONNX file, relative to the spec's folder");
        }
        return spec.withData(data(spec.task().data(), reach, document.place("/task/data")))
                .withReference(reference.toString())
                .withQuantize(withTargets(reach, document, spec.quantize()));
    }

    /** A path, also one that only workers have, becomes absolute; a name stays one. */
    private static String data(String nameOrPath, SpecReach reach, String place) {
        Path path = reach.file(nameOrPath, "task.data", place);
        if (Files.exists(path)) {
            reach.requireAllInside(path, "task.data", place);
            return path.toString();
        }
        return NAME.matcher(nameOrPath).matches() ? nameOrPath : path.toString();
    }

    /** Files of targets are read here: workers on other machines do not have them. */
    private static List<QuantizeSpec> withTargets(SpecReach reach, YamlDocument document, List<QuantizeSpec> ways) {
        List<QuantizeSpec> read = new ArrayList<>();
        for (QuantizeSpec way : ways) {
            String place = document.place("/quantize/" + read.size() + "/target");
            read.add(
                    way.hasTargetFile()
                            ? way.withTarget(target(reach.file(way.target(), "target", place), place))
                            : way);
        }
        return read;
    }

    private static String target(Path file, String place) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new BadInputException(
                    place + ": target: " + file + " cannot be read"
                            + "; give the path of a JSON file, relative to the spec's folder, or a target's name",
                    e);
        }
    }

    /**
     * Reads a spec whose paths are left as they are.
     *
     * @param origin what messages call the text: its path, mostly
     * @throws BadInputException as above
     */
    public static Spec parse(String text, String origin) {
        return of(YamlDocument.parse(text, origin));
    }

    private static Spec of(YamlDocument document) {
        JsonSchema schema = Schemas.named("spec");
        Set<ValidationMessage> problems = schema.validate(document.tree());
        if (!problems.isEmpty()) {
            throw new BadInputException(new Explanations(document, schema.getSchemaNode()).explain(problems));
        }
        requireScenarios(document);
        requireLatencies(document);
        requireScenarioOfCompression(document);
        ways(document.tree());
        refuseSameNames(document, "scenarios", "scenario");
        refuseSameNames(document, "quantize", "way to quantize");
        refuseNameOfScheme(document);
        for (int i = 0; i < document.tree().path("quantize").size(); i++) {
            refuseStepsBesideAuto(document, "/quantize/" + i);
            refuseFormatsBesideMixed(document, "/quantize/" + i);
            requireMeasuredBudget(document, "/quantize/" + i);
            refuseStepsBesideTraining(document, "/quantize/" + i);
            refuseUselessSettings(document, "/quantize/" + i);
        }
        Units.replace(document);
        automaticBlocks(document.tree());
        squareImages(document.tree());
        try {
            return JSON.treeToValue(document.tree(), Spec.class);
        } catch (IOException e) {
            throw new BadInputException(document.origin() + ":1: " + e.getMessage(), e);
        }
    }

    /** Mixed precision chooses formats itself, by images. */
    private static void refuseFormatsBesideMixed(YamlDocument document, String way) {
        boolean mixed = !document.at(way + "/mixed").isMissingNode();
        List<String> useless = mixed
                ? List.of("weights", "activations", "packWeights", "matMulBlockSize", "minSqnr")
                : List.of("budget", "mixedSearch");
        for (String setting : useless) {
            if (!document.at(way + "/" + setting).isMissingNode()) {
                throw new BadInputException(document.place(way + "/" + setting) + ": " + setting
                        + (mixed
                                ? " is given beside mixed, which chooses formats itself; leave one of them out"
                                : " is of no use without mixed, such as [4, 8]; give both, or leave it out"));
            }
        }
        if (mixed
                && !document.at(way + "/budget").isMissingNode()
                && !document.at(way + "/goal").isMissingNode()) {
            throw new BadInputException(document.place(way + "/goal")
                    + ": goal is given beside budget, and either says how far mixed is to go; leave one of them out");
        }
        if (mixed && document.at(way + "/method").asText().equals(QuantizeSpec.AUTO)) {
            throw new BadInputException(
                    document.place(way + "/method")
                            + ": method: auto tries methods itself and mixed takes those that are given; leave one of them out");
        }
        if (mixed && document.at(way + "/method").asText().equals(QuantizeSpec.BAYESIAN_BITS)) {
            throw new BadInputException(document.place(way + "/method")
                    + ": method: bayesian-bits learns the bits that mixed chooses; leave one of them out");
        }
        if (mixed && document.at(way + "/images").asInt(1) == 0) {
            throw new BadInputException(document.place(way + "/images")
                    + ": mixed needs images, on which the losses of layers are measured; give some");
        }
    }

    /** A latency is measured in a scenario, while nothing trains; and integers of all bits have the same one. */
    private static void requireMeasuredBudget(YamlDocument document, String way) {
        if (!Units.isTime(document.at(way + "/budget"))) {
            return;
        }
        String place = document.place(way + "/budget") + ": budget: a latency needs ";
        if (!document.at("/job").asText().equals("quantize")) {
            throw new BadInputException(place + "job: quantize; give a share of bit-operations, such as 0.5");
        }
        if (document.tree().path("scenarios").isEmpty()) {
            throw new BadInputException(place
                    + "a scenario, in which it is measured; add one, or give a share of bit-operations, such as 0.5");
        }
        for (JsonNode precision : document.at(way + "/mixed")) {
            if (precision.asText().equals("float")) {
                return;
            }
        }
        throw new BadInputException(
                place + "float among mixed, as integers of fewer bits take as long as those of 8; give [8, float]");
    }

    /** Only the job to quantize can do without scenarios, and only it can have several ways to quantize. */
    private static void requireScenarios(YamlDocument document) {
        boolean quantizes = document.at("/job").asText().equals("quantize");
        if (!quantizes && !document.tree().has("scenarios")) {
            throw new BadInputException(document.place("/scenarios")
                    + ": scenarios is missing; it must be a list of at least 1, or the spec's job must be quantize");
        }
        if (!quantizes
                && document.at("/quantize").size() > 1
                && document.at("/quantize").isArray()) {
            throw new BadInputException(document.place("/quantize/1")
                    + ": quantize has several ways, which only a spec with job: quantize can have; leave one");
        }
    }

    /** Without scenarios nothing is measured that such goals could be held against. */
    private static void requireLatencies(YamlDocument document) {
        for (String goal : List.of("speedup", "latency")) {
            if (document.tree().path("scenarios").isEmpty()
                    && document.tree().path("goals").has(goal)) {
                throw new BadInputException(document.place("/goals/" + goal) + ": goals." + goal
                        + " needs scenarios, in which latencies are measured; add some, or leave it out");
            }
        }
    }

    /** Latencies that layers' shares are chosen by are those in a scenario. */
    private static void requireScenarioOfCompression(YamlDocument document) {
        if (document.at("/compress/cost").asText().equals("latency")
                && document.tree().path("scenarios").isEmpty()) {
            throw new BadInputException(
                    document.place("/compress/cost")
                            + ": compress.cost: latency needs a scenario, in which latencies are measured; add one, or give cost: macs");
        }
    }

    /** "quantize: {...}" says "quantize: [{...}]". */
    private static void ways(JsonNode tree) {
        JsonNode only = tree.path("quantize");
        if (only.isObject()) {
            ((ObjectNode) tree).putArray("quantize").add(only);
        }
    }

    private static void refuseSameNames(YamlDocument document, String key, String what) {
        Map<String, Integer> lines = new HashMap<>();
        for (int i = 0; i < document.tree().path(key).size(); i++) {
            String pointer = "/" + key + "/" + i + "/name";
            String name = document.at(pointer).asText();
            if (name.isEmpty()) {
                name = document.tree().path(key).path(i).has("mixed")
                        ? QuantizeSpec.MIXED
                        : document.at("/" + key + "/" + i + "/weights").asText("int8");
            }
            Integer before = lines.putIfAbsent(name, document.line(pointer));
            if (before != null) {
                throw new BadInputException(document.place(pointer) + ": a " + what + " is called '" + name
                        + "' already in line " + before + "; give each its own name");
            }
        }
    }

    /** The compressed network is called after its scheme. */
    private static void refuseNameOfScheme(YamlDocument document) {
        String scheme = document.at("/compress/scheme").asText();
        for (int i = 0; i < document.tree().path("quantize").size(); i++) {
            String pointer = "/quantize/" + i + "/name";
            if (!scheme.isEmpty() && document.at(pointer).asText().equals(scheme)) {
                throw new BadInputException(document.place(pointer) + ": a way to quantize is called '" + scheme
                        + "' as the compressed network is; give it another name");
            }
        }
    }

    private static void refuseStepsBesideAuto(YamlDocument document, String way) {
        if (!document.at(way + "/method").asText().equals(QuantizeSpec.AUTO)) {
            return;
        }
        for (String step : List.of(
                "calibration",
                "equalize",
                "biasCorrection",
                "smoothQuant",
                "minSqnr",
                "rounding/method",
                "rounding/seqMse")) {
            if (!document.at(way + "/" + step).isMissingNode()) {
                throw new BadInputException(document.place(way + "/" + step) + ": " + step.replace('/', '.')
                        + " is given beside method: auto, which chooses the steps itself; leave one of them out");
            }
        }
        if (document.at(way + "/images").asInt(1) == 0) {
            throw new BadInputException(document.place(way + "/images")
                    + ": method: auto needs images; give some, or method: post-training");
        }
    }

    /** Training moves weights, scales and biases itself; how it trains is of no use to what does not. */
    private static void refuseStepsBesideTraining(YamlDocument document, String way) {
        String method = document.at(way + "/method").asText();
        if (!QuantizeSpec.TRAINING.contains(method)) {
            for (String setting : List.of("epochs", "learningRate")) {
                if (!document.at(way + "/" + setting).isMissingNode()) {
                    throw new BadInputException(document.place(way + "/" + setting) + ": " + setting
                            + " is of no use to what does not train; give method: qat, or leave it out");
                }
            }
        }
        boolean learnsBits = method.equals(QuantizeSpec.BAYESIAN_BITS);
        if (learnsBits == document.at(way + "/strength").isMissingNode()) {
            throw new BadInputException(
                    learnsBits
                            ? document.place(way + "/method")
                                    + ": method: bayesian-bits needs strength, the weight of bits and channels in the loss, such as 0.02"
                            : document.place(way + "/strength")
                                    + ": strength is of no use without method: bayesian-bits; leave it out");
        }
        if (!QuantizeSpec.TRAINING.contains(method)) {
            return;
        }
        for (String step : List.of("biasCorrection", "rounding", "matMulBlockSize", "minSqnr")) {
            if (!document.at(way + "/" + step).isMissingNode()) {
                throw new BadInputException(document.place(way + "/" + step) + ": " + step + " is given beside method: "
                        + method + ", which trains weights, scales and biases itself; leave one of them out");
            }
        }
        if (document.at(way + "/granularity").asText().equals("blockwise")) {
            throw new BadInputException(document.place(way + "/granularity") + ": method: " + method
                    + " has no scales for blocks; give granularity: per-channel or per-tensor");
        }
        if (document.at(way + "/images").asInt(1) == 0) {
            throw new BadInputException(document.place(way + "/images") + ": method: " + method
                    + " needs images, by which the first scales are chosen; give some");
        }
    }

    private static void refuseUselessSettings(YamlDocument document, String way) {
        if (!document.at(way + "/rounding/candidates").isMissingNode()
                && !document.at(way + "/rounding/seqMse").asBoolean()) {
            throw new BadInputException(document.place(way + "/rounding/candidates")
                    + ": rounding.candidates is of no use without rounding.seqMse: true; give both, or leave it out");
        }
        if (!document.at(way + "/minSqnr").isMissingNode()
                && document.at(way + "/images").asInt(1) == 0) {
            throw new BadInputException(document.place(way + "/minSqnr")
                    + ": minSqnr needs images, on which the output's SQNR is measured; give some, or leave it out");
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
        for (JsonNode scenario : tree.path("scenarios")) {
            JsonNode side = scenario.path("imageSize");
            if (side.isNumber()) {
                ((ObjectNode) scenario).putArray("imageSize").add(side).add(side);
            }
        }
    }

    /** What a file says, unread. @throws BadInputException if there is no such text */
    public static String text(Path file) {
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
