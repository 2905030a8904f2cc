package dev.limbeck.schemas;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a run with {@code job: quantize} found: its {@code results.json}, whose contract is {@code quantization.schema.json}.
 *
 * <p>Accuracies are fractions: {@code accuracy} on the test images, which no choice ever uses, {@code validationAccuracy} on a fixed
 * split of the training images. Latencies are in milliseconds, paths are relative to the run's folder.
 *
 * @param limbeckCommit of the sources that Limbeck was built from; null where the build did not know
 * @param createdAt ISO 8601
 * @param spec digest of the spec
 * @param networks in the order of the spec's ways to quantize; before them the compressed one that they were made of, where there is one
 * @param tunings by scenario, settings of the runtime that latencies were measured with; only where they were sought
 * @param goals in every scenario, or one entry where there is none; empty where the spec asks for none
 */
public record QuantizationResults(
        String name,
        String limbeckVersion,
        String limbeckCommit,
        String createdAt,
        String runId,
        String spec,
        long seed,
        Reference reference,
        List<Network> networks,
        List<Goals> goals,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Results.Tuning> tunings) {

    public QuantizationResults {
        networks = List.copyOf(networks);
        goals = goals == null ? List.of() : List.copyOf(goals);
        tunings = tunings == null ? Map.of() : Map.copyOf(tunings);
    }

    /** The network before. @param bytes of its file */
    public record Reference(
            String model, double accuracy, double validationAccuracy, long bytes, List<Latency> latencies) {
        public Reference {
            latencies = List.copyOf(latencies);
        }
    }

    /**
     * A network after.
     *
     * @param name of the way in the spec
     * @param accuracyBefore of the reference
     * @param seconds from the first image of calibration to the last one of evaluation; of the last attempt where it was killed
     * @param bytes of its file
     * @param steps what was done, in order
     * @param methods what each method brought, on top of those before; or what was tried where methods were chosen by accuracy
     * @param remembered layers, blocks and tries that did not have to be done again after the worker had been killed
     * @param missed what was asked for and could not be reached, in words: the network is the nearest there is
     */
    public record Network(
            String name,
            String model,
            double accuracyBefore,
            double accuracy,
            double validationAccuracy,
            double seconds,
            long bytes,
            List<String> steps,
            List<Method> methods,
            int remembered,
            String worker,
            List<Latency> latencies,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> missed) {
        public Network {
            missed = missed == null ? List.of() : List.copyOf(missed);
            steps = List.copyOf(steps);
            methods = List.copyOf(methods);
            latencies = List.copyOf(latencies);
        }
    }

    /**
     * One method.
     *
     * @param validationAccuracyBefore without it, but with those before it
     * @param done what was done, but for what was done before
     */
    public record Method(
            String name,
            double validationAccuracyBefore,
            double validationAccuracy,
            double seconds,
            List<String> done) {
        public Method {
            done = List.copyOf(done);
        }
    }

    /**
     * In one scenario.
     *
     * @param valid whether duration, count and agreement of runs were as the protocol demands
     * @param integerKernelShare share of convolutions and matrix products in integer kernels, 0 to 1
     */
    public record Latency(
            String scenario,
            double p50Millis,
            double p90Millis,
            double p99Millis,
            boolean valid,
            double integerKernelShare) {}

    /**
     * The goals in one scenario.
     *
     * @param scenario null where the spec has none
     * @param model of the network that is held against the goals
     */
    public record Goals(String scenario, boolean met, String model, List<Results.Goal> goals) {
        public Goals {
            goals = List.copyOf(goals);
        }
    }

    /** Holds the networks against goals. */
    public static List<Goals> judge(Spec.Goals asked, Reference reference, List<Network> networks) {
        if (asked.equals(Spec.Goals.NONE)) {
            return List.of();
        }
        List<String> scenarios = new ArrayList<>();
        reference.latencies().forEach(latency -> scenarios.add(latency.scenario()));
        if (scenarios.isEmpty()) {
            scenarios.add(null);
        }
        return scenarios.stream()
                .map(scenario -> {
                    GoalCheck.Verdict verdict = GoalCheck.of(
                            asked,
                            new GoalCheck.Network(
                                    reference.model(),
                                    reference.accuracy(),
                                    p50(reference.latencies(), scenario),
                                    reference.bytes()),
                            networks.stream()
                                    .map(network -> new GoalCheck.Network(
                                            network.model(),
                                            network.accuracy(),
                                            p50(network.latencies(), scenario),
                                            network.bytes()))
                                    .toList());
                    return new Goals(scenario, verdict.met(), verdict.model(), verdict.goals());
                })
                .toList();
    }

    /** Median in a scenario; null where none was measured. */
    public static Double p50(List<Latency> latencies, String scenario) {
        return latencies.stream()
                .filter(latency -> latency.scenario().equals(scenario))
                .map(Latency::p50Millis)
                .findFirst()
                .orElse(null);
    }

    /** @throws BadInputException if it is not such a file */
    public static QuantizationResults read(Path file) throws IOException {
        try {
            return mapper().readValue(file.toFile(), QuantizationResults.class);
        } catch (JsonProcessingException e) {
            throw new BadInputException(
                    file + ": not the results of a run that quantizes: " + e.getOriginalMessage(), e);
        }
    }

    /** Whether a file holds such results, and not those of a search. */
    public static boolean isIn(Path file) {
        try {
            return isIn(Files.readAllBytes(file));
        } catch (IOException e) {
            // Whoever reads it says what is wrong.
            return false;
        }
    }

    /** As above, of the bytes of a file. */
    public static boolean isIn(byte[] json) {
        try {
            JsonNode tree = mapper().readTree(json);
            return tree.has("networks") && !tree.has("scenarios");
        } catch (IOException e) {
            // Whoever reads it says what is wrong.
            return false;
        }
    }

    /** @param json bytes of a {@code results.json} that a worker wrote */
    public static QuantizationResults parse(byte[] json) {
        try {
            return mapper().readValue(json, QuantizationResults.class);
        } catch (IOException e) {
            throw new IllegalStateException("the results cannot be read: " + e.getMessage(), e);
        }
    }

    /** As JSON. */
    public JsonNode tree() {
        return mapper().valueToTree(this);
    }

    /** @return indented JSON */
    public String toJson() {
        try {
            return mapper().writerWithDefaultPrettyPrinter().writeValueAsString(tree());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("results cannot be written", e);
        }
    }

    private static ObjectMapper mapper() {
        return JsonMapper.builder().build();
    }
}
