package dev.limbeck.quantize;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.Node;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the hardware or runtime that a network is quantized for can do: which tensors are quantized, and how.
 *
 * <p>Written as JSON in the form of AIMET's runtime configuration (its "quantsim config"), which is read as it is: rules for all
 * operators ("defaults"), for parameters by their role ("params"), for operators of a type ("op_type"), for chains of operators
 * ("supergroups"), and for the network's inputs and outputs. The nearest rule decides: the operator's, then the parameter's, then
 * the defaults. Limbeck adds three things: the value "AsInput", the key "signed_activations", and operators of the form "Conv:general".
 *
 * @param name for messages
 * @param digest SHA-256 of the JSON, in hexadecimal digits
 * @param inputsQuantized whether all operators quantize what they read, unless their own rules say otherwise
 * @param outputsQuantized whether they quantize what they make
 * @param symmetricActivations whether their grids have their zero at a fixed integer
 * @param parametersQuantized whether weights and other constants are quantized
 * @param symmetricParameters as for activations
 * @param strictSymmetric symmetric grids have as many integers below zero as above
 * @param unsignedSymmetric symmetric grids of activations that are never negative are unsigned
 * @param perChannel weights have a scale for each output channel
 * @param signedActivations integers are stored with a sign, whatever their grid is
 * @param kernels that there are; empty for all
 * @param parameters rules by role: "weight", "bias", "running_mean" or "running_var"
 * @param operators rules by type; the type "Conv:general" is a convolution whose weight is no constant, or that is otherwise beyond
 *     common integer kernels, and so with Gemm, MatMul, Clip and HardSigmoid; "Add:general", "Mul:general" and "Softmax:general" lie
 *     among floats, or beside the mask of an attention, where integers gain nothing. Without a rule they are like all others of
 *     their type
 * @param supergroups types of operators in a row, between which nothing is quantized
 * @param modelInputsQuantized whether the network's inputs are quantized, whatever reads them
 * @param modelOutputsQuantized whether the network's outputs are quantized; empty to leave that to operators
 */
public record Target(
        String name,
        String digest,
        boolean inputsQuantized,
        boolean outputsQuantized,
        boolean symmetricActivations,
        boolean parametersQuantized,
        boolean symmetricParameters,
        boolean strictSymmetric,
        boolean unsignedSymmetric,
        boolean perChannel,
        boolean signedActivations,
        List<Kernel> kernels,
        Map<String, ParameterRule> parameters,
        Map<String, OperatorRule> operators,
        List<List<String>> supergroups,
        boolean modelInputsQuantized,
        Optional<Boolean> modelOutputsQuantized) {

    /** Names that {@link #named} knows. */
    public static final List<String> NAMES = List.of("onnxruntime-x86", "onnxruntime-arm", "htp");

    /** ONNX Runtime's integer kernels on x86: unsigned activations, and only where such a kernel follows. */
    public static final Target ONNXRUNTIME_X86 = named("onnxruntime-x86");

    /** The form of an operator that common integer kernels lack. */
    static final String GENERAL = ":general";

    /** Whether an operator's output is quantized. */
    public enum OutputRule {
        QUANTIZED,
        FLOAT,
        /** Where its input is, by an integer kernel; of ReLU, Clip, HardSigmoid and HardSwish. */
        AS_INPUT
    }

    /**
     * How constants of a role are quantized.
     *
     * @param quantized empty to leave that to farther rules
     * @param symmetric as well
     */
    public record ParameterRule(Optional<Boolean> quantized, Optional<Boolean> symmetric) {}

    /**
     * How operators of a type are quantized; what is empty is left to the target's defaults.
     *
     * @param inputsQuantized whether what they read is
     * @param output whether what they make is
     * @param symmetric whether that has a symmetric grid
     * @param perChannel whether their weights have a scale for each channel
     * @param parameters rules by role
     * @param least the lower end of what they make
     * @param most the upper end
     * @param kernels that there are; empty for the target's
     */
    public record OperatorRule(
            Optional<Boolean> inputsQuantized,
            Optional<OutputRule> output,
            Optional<Boolean> symmetric,
            Optional<Boolean> perChannel,
            Map<String, ParameterRule> parameters,
            Optional<Double> least,
            Optional<Double> most,
            List<Kernel> kernels) {

        static final OperatorRule NONE = new OperatorRule(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                List.of());

        public OperatorRule {
            parameters = Map.copyOf(parameters);
            kernels = List.copyOf(kernels);
        }
    }

    /**
     * Numbers that the target can compute with.
     *
     * @param activation of the operator's inputs and outputs
     * @param parameter of its weights; empty where it has none
     */
    public record Kernel(Numbers activation, Optional<Numbers> parameter) {
        @Override
        public String toString() {
            return parameter.map(p -> p + " weights with ").orElse("") + activation + " activations";
        }
    }

    /** @param bits of integers or floats */
    public record Numbers(NumberFormat.Type type, int bits) {
        public Numbers {
            NumberFormat.requireBits(type, bits);
        }

        static Numbers of(NumberFormat format) {
            return new Numbers(format.type(), format.bits());
        }

        @Override
        public String toString() {
            return (type == NumberFormat.Type.FLOAT ? "float" : "int") + bits;
        }
    }

    public Target {
        requireNonNull(name, "name is null");
        kernels = List.copyOf(kernels);
        parameters = Map.copyOf(parameters);
        operators = Map.copyOf(operators);
        supergroups = supergroups.stream().map(List::copyOf).toList();
    }

    /**
     * A target that comes with Limbeck.
     *
     * @throws BadInputException if there is none of this name
     */
    public static Target named(String name) {
        // a name only, never a path into the class path
        String resource = "targets/" + name + ".json";
        try (InputStream in = name.matches("[a-z0-9-]+") ? Target.class.getResourceAsStream(resource) : null) {
            if (in == null) {
                throw new BadInputException("target '" + name + "' is not known; give " + String.join(", ", NAMES)
                        + ", or a JSON file in the form of AIMET's runtime configuration");
            }
            return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A target from a file.
     *
     * @throws BadInputException naming the file and place of a rule that is not understood or cannot be kept
     */
    public static Target read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new BadInputException("target '" + file + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /** A name, or a file where it ends in ".json". */
    public static Target of(String nameOrFile) {
        return nameOrFile.endsWith(".json") ? read(Path.of(nameOrFile)) : named(nameOrFile);
    }

    /**
     * A target from its JSON.
     *
     * @param origin of the JSON, for messages
     * @throws BadInputException naming the place of a rule that is not understood or cannot be kept
     */
    public static Target parse(String origin, String json) {
        return new TargetReader(origin).read(json);
    }

    /** The same for the same rules, in any process, as caches and the provenance of networks need it. */
    @Override
    public String toString() {
        String file = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        return NAMES.contains(name) ? name : file + " " + digest.substring(0, 16);
    }

    Symmetry activationSymmetry(boolean symmetric) {
        if (symmetric && unsignedSymmetric) {
            return Symmetry.UNSIGNED_SYMMETRIC;
        }
        return parameterSymmetry(symmetric);
    }

    Symmetry parameterSymmetry(boolean symmetric) {
        if (!symmetric) {
            return Symmetry.ASYMMETRIC;
        }
        return strictSymmetric ? Symmetry.STRICT_SYMMETRIC : Symmetry.SYMMETRIC;
    }

    /** The type by which rules name a node. */
    String typeOf(Node node, OperatorKind kind) {
        boolean general =
                switch (node.op()) {
                    case "Conv", "Gemm", "MatMul" -> kind != OperatorKind.WEIGHTED;
                    case "Clip" -> kind != OperatorKind.CLAMP;
                    case "HardSigmoid" -> kind != OperatorKind.HARD_ACTIVATION;
                    case "Add", "Mul", "Softmax" -> kind == OperatorKind.FLOAT;
                    default -> false;
                };
        return general && operators.containsKey(node.op() + GENERAL) ? node.op() + GENERAL : node.op();
    }

    OperatorRule rule(String type) {
        return operators.getOrDefault(type, OperatorRule.NONE);
    }

    boolean readsIntegers(String type) {
        return rule(type).inputsQuantized().orElse(inputsQuantized);
    }

    OutputRule output(String type) {
        return rule(type).output().orElse(outputsQuantized ? OutputRule.QUANTIZED : OutputRule.FLOAT);
    }

    boolean quantizes(String type, String role) {
        return parameter(type, role)
                .quantized()
                .or(() -> parameter(role).quantized())
                .orElse(parametersQuantized);
    }

    /** Whether parameters of a role must be symmetric; empty where no rule is nearer than the defaults. */
    Optional<Boolean> symmetric(String type, String role) {
        return parameter(type, role).symmetric().or(() -> parameter(role).symmetric());
    }

    private ParameterRule parameter(String type, String role) {
        return rule(type).parameters().getOrDefault(role, new ParameterRule(Optional.empty(), Optional.empty()));
    }

    private ParameterRule parameter(String role) {
        return parameters.getOrDefault(role, new ParameterRule(Optional.empty(), Optional.empty()));
    }

    /** @throws BadInputException if the target has no kernel for these numbers */
    void requireKernel(NumberFormat activations, NumberFormat weights) {
        boolean anything = activations.isQuantized() || weights.isQuantized();
        if (anything && !kernels.isEmpty() && !has(kernels, activations, weights)) {
            throw new BadInputException("target '" + name + "' has no kernels for "
                    + new Kernel(Numbers.of(activations), Optional.of(Numbers.of(weights))) + "; it has: "
                    + String.join("; ", kernels.stream().map(Kernel::toString).toList()));
        }
    }

    private static boolean has(List<Kernel> kernels, NumberFormat activations, NumberFormat weights) {
        return kernels.stream()
                .anyMatch(kernel -> kernel.activation().equals(Numbers.of(activations))
                        && kernel.parameter().map(Numbers.of(weights)::equals).orElse(true));
    }

    /**
     * The numbers for an operator's weights: wider ones where its rule has no kernels for those that are asked for.
     *
     * @throws BadInputException if its kernels have narrower ones only
     */
    NumberFormat weights(String type, NumberFormat activations, NumberFormat asked) {
        List<Kernel> own = rule(type).kernels();
        if (own.isEmpty() || !asked.isQuantized() || has(own, activations, asked)) {
            return asked;
        }
        Numbers first = own.getFirst().parameter().orElse(Numbers.of(asked));
        if (first.bits() < asked.bits()) {
            throw new BadInputException("target '" + name + "': operator " + type + " has kernels for " + first
                    + " weights, and none for the " + asked.bits() + " bits that are asked for");
        }
        return new NumberFormat(first.type(), first.bits(), asked.symmetry());
    }
}
