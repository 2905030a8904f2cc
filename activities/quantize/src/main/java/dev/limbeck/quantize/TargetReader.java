package dev.limbeck.quantize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.quantize.Target.Kernel;
import dev.limbeck.quantize.Target.Numbers;
import dev.limbeck.quantize.Target.OperatorRule;
import dev.limbeck.quantize.Target.OutputRule;
import dev.limbeck.quantize.Target.ParameterRule;
import dev.limbeck.schemas.BadInputException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Reads a {@link Target} in the form of AIMET's runtime configuration. */
final class TargetReader {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Set<String> ROLES = Set.of("weight", "bias", "running_mean", "running_var");

    /** Operators of AIMET's configurations that Limbeck never sees in a network: rules for them say nothing. */
    private static final Set<String> NEVER_SEEN = Set.of("ChannelShuffle", "NonMaxSuppression", "RMSNormalization");

    private static final Set<String> GENERAL_FORMS =
            Set.of("Conv", "Gemm", "MatMul", "Clip", "HardSigmoid", "Add", "Mul", "Softmax");
    private static final Set<String> AS_INPUT = Set.of("Relu", "Clip", "HardSigmoid", "HardSwish");

    /** Chains that stand for a pattern by its name. */
    private static final Map<String, List<String>> PASSES = Map.of("MatmulAdd", List.of("MatMul", "Add"));

    /** Patterns that networks have as one operator since operator set 17; older ones are quantized operator by operator. */
    private static final Set<String> OPERATOR_PASSES = Set.of("LayerNormalization", "RMSNormalization");

    private final String origin;

    TargetReader(String origin) {
        this.origin = origin;
    }

    Target read(String json) {
        JsonNode tree;
        try {
            tree = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new BadInputException(
                    "target '" + origin + "' is not JSON: line "
                            + e.getLocation().getLineNr() + ": " + e.getOriginalMessage(),
                    e);
        }
        JsonEntry root = object(new JsonEntry("target '" + origin + "'", tree));
        allow(
                root,
                Set.of(
                        "defaults",
                        "params",
                        "op_type",
                        "supergroups",
                        "supergroup_pass_list",
                        "model_input",
                        "model_output"));
        JsonEntry defaults = child(root, "defaults", true);
        allow(
                defaults,
                Set.of(
                        "ops",
                        "params",
                        "strict_symmetric",
                        "unsigned_symmetric",
                        "per_channel_quantization",
                        "supported_kernels",
                        "hw_version",
                        "signed_activations"));
        JsonEntry ops = child(defaults, "ops", true);
        allow(ops, Set.of("is_input_quantized", "is_output_quantized", "is_symmetric"));
        ParameterRule params = parameter(child(defaults, "params", true));
        boolean strict = flag(defaults, "strict_symmetric").orElse(false);
        boolean unsigned = flag(defaults, "unsigned_symmetric").orElse(false);
        if (strict && unsigned) {
            throw defaults.bad(
                    "has both strict_symmetric and unsigned_symmetric, which no grid can be; set one to False");
        }
        JsonEntry input = child(root, "model_input", false);
        allow(input, Set.of("is_input_quantized"));
        JsonEntry output = child(root, "model_output", false);
        allow(output, Set.of("is_output_quantized"));
        return new Target(
                origin,
                digest(json),
                flag(ops, "is_input_quantized").orElse(false),
                flag(ops, "is_output_quantized").orElse(false),
                flag(ops, "is_symmetric").orElse(false),
                params.quantized().orElse(false),
                params.symmetric().orElse(false),
                strict,
                unsigned,
                flag(defaults, "per_channel_quantization").orElse(false),
                flag(defaults, "signed_activations").orElse(false),
                kernels(defaults),
                parameters(root),
                operators(root),
                supergroups(root),
                flag(input, "is_input_quantized").orElse(false),
                flag(output, "is_output_quantized"));
    }

    private static String digest(String json) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(json.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static JsonEntry object(JsonEntry entry) {
        if (!entry.node().isObject()) {
            throw entry.bad("must be an object, but is " + entry.node());
        }
        return entry;
    }

    private static JsonEntry child(JsonEntry parent, String key, boolean required) {
        JsonNode node = parent.node().path(key);
        if (node.isMissingNode()) {
            if (required) {
                throw parent.bad("needs '" + key + "', which is missing");
            }
            node = JSON.createObjectNode();
        }
        return object(new JsonEntry(parent.place() + ": '" + key + "'", node));
    }

    private static void allow(JsonEntry entry, Set<String> known) {
        for (Map.Entry<String, JsonNode> property : entry.node().properties()) {
            if (!known.contains(property.getKey())) {
                throw entry.bad("has the unknown key '" + property.getKey() + "'; known are "
                        + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    private static Optional<Boolean> flag(JsonEntry entry, String key) {
        JsonNode value = entry.node().path(key);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        return switch (value.asText()) {
            case "True", "true" -> Optional.of(true);
            case "False", "false" -> Optional.of(false);
            default -> throw entry.bad("has " + value + " for '" + key + "'; give \"True\" or \"False\"");
        };
    }

    private static ParameterRule parameter(JsonEntry entry) {
        allow(entry, Set.of("is_quantized", "is_symmetric"));
        return new ParameterRule(flag(entry, "is_quantized"), flag(entry, "is_symmetric"));
    }

    private static Map<String, ParameterRule> parameters(JsonEntry owner) {
        return children(child(owner, "params", false), TargetReader::parameter, ROLES);
    }

    private static <T> Map<String, T> children(JsonEntry section, Function<JsonEntry, T> reader, Set<String> names) {
        allow(section, names);
        Map<String, T> read = new LinkedHashMap<>();
        section.node().properties().forEach(p -> read.put(p.getKey(), reader.apply(child(section, p.getKey(), true))));
        return read;
    }

    private static Map<String, OperatorRule> operators(JsonEntry root) {
        JsonEntry section = child(root, "op_type", false);
        Map<String, OperatorRule> rules = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : section.node().properties()) {
            String type = requireOperator(section, property.getKey());
            rules.put(type, operator(child(section, type, true), type));
        }
        return rules;
    }

    private static String requireOperator(JsonEntry entry, String type) {
        boolean general = type.endsWith(Target.GENERAL)
                && GENERAL_FORMS.contains(type.substring(0, type.length() - Target.GENERAL.length()));
        if (!general
                && !NEVER_SEEN.contains(type)
                && !ShapeInference.supported().contains(type)) {
            throw entry.bad("names the operator '" + type + "', which Limbeck does not know; ONNX's names are meant, "
                    + "such as Conv or Gemm");
        }
        return type;
    }

    private static OperatorRule operator(JsonEntry entry, String type) {
        allow(
                entry,
                Set.of(
                        "is_input_quantized",
                        "is_output_quantized",
                        "is_symmetric",
                        "per_channel_quantization",
                        "params",
                        "encoding_constraints",
                        "supported_kernels"));
        JsonEntry constraints = child(entry, "encoding_constraints", false);
        allow(constraints, Set.of("min", "max"));
        Optional<Double> least = number(constraints, "min");
        Optional<Double> most = number(constraints, "max");
        if (least.isPresent() && most.isPresent() && !(least.get() < most.get())) {
            throw constraints.bad("has the min " + least.get() + ", which is not below the max " + most.get());
        }
        return new OperatorRule(
                flag(entry, "is_input_quantized"),
                output(entry, type),
                flag(entry, "is_symmetric"),
                flag(entry, "per_channel_quantization"),
                parameters(entry),
                least,
                most,
                kernels(entry));
    }

    private static Optional<OutputRule> output(JsonEntry entry, String type) {
        String key = "is_output_quantized";
        if (AS_INPUT.contains(type) && entry.node().path(key).asText().equals("AsInput")) {
            return Optional.of(OutputRule.AS_INPUT);
        }
        return flag(entry, key).map(quantized -> quantized ? OutputRule.QUANTIZED : OutputRule.FLOAT);
    }

    private static Optional<Double> number(JsonEntry entry, String key) {
        return entry.node().has(key) ? Optional.of((double) entry.number(key)) : Optional.empty();
    }

    private static List<JsonEntry> list(JsonEntry owner, String key) {
        JsonNode list = owner.node().path(key);
        if (list.isMissingNode()) {
            return List.of();
        }
        if (!list.isArray()) {
            throw owner.bad("needs a list '" + key + "', but has " + list);
        }
        List<JsonEntry> entries = new ArrayList<>();
        list.forEach(each ->
                entries.add(new JsonEntry(owner.place() + ": '" + key + "', entry " + (entries.size() + 1), each)));
        return entries;
    }

    private static List<Kernel> kernels(JsonEntry owner) {
        List<Kernel> kernels = new ArrayList<>();
        for (JsonEntry entry : list(owner, "supported_kernels")) {
            allow(object(entry), Set.of("activation", "param"));
            Optional<Numbers> parameter =
                    entry.node().has("param") ? Optional.of(numbers(child(entry, "param", true))) : Optional.empty();
            kernels.add(new Kernel(numbers(child(entry, "activation", true)), parameter));
        }
        return kernels;
    }

    private static Numbers numbers(JsonEntry entry) {
        allow(entry, Set.of("bitwidth", "dtype"));
        int bits = entry.integer("bitwidth");
        String type = entry.node().path("dtype").asText("");
        if (!type.equals("int") && !type.equals("float")) {
            throw entry.bad("has the dtype '" + type + "'; give int or float");
        }
        try {
            return new Numbers(type.equals("int") ? NumberFormat.Type.INTEGER : NumberFormat.Type.FLOAT, bits);
        } catch (BadInputException e) {
            throw entry.bad("cannot be kept: " + e.getMessage());
        }
    }

    private static List<List<String>> supergroups(JsonEntry root) {
        List<List<String>> groups = new ArrayList<>();
        for (JsonEntry entry : list(root, "supergroups")) {
            allow(object(entry), Set.of("op_list"));
            List<String> operators = new ArrayList<>();
            for (JsonEntry operator : list(entry, "op_list")) {
                if (!operator.node().isTextual()) {
                    throw operator.bad("must be the name of an operator, but is " + operator.node());
                }
                operators.add(requireOperator(operator, operator.node().asText()));
            }
            if (operators.size() < 2) {
                throw entry.bad("needs an 'op_list' of two operators or more, but has " + entry.node());
            }
            groups.add(operators);
        }
        for (JsonEntry entry : list(root, "supergroup_pass_list")) {
            String pass = entry.node().asText();
            if (PASSES.containsKey(pass)) {
                groups.add(PASSES.get(pass));
            } else if (!OPERATOR_PASSES.contains(pass)) {
                throw entry.bad(
                        "is " + entry.node() + "; known are MatmulAdd, LayerNormalization and RMSNormalization");
            }
        }
        return groups;
    }
}
