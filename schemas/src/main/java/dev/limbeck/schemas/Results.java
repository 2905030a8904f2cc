package dev.limbeck.schemas;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run found: {@code results.json}, whose contract is {@code results.schema.json}.
 *
 * <p>Accuracies are fractions: {@code accuracy} on the test images, which no choice ever uses, {@code validationAccuracy} on a fixed
 * split of the training images. Latencies are in milliseconds, paths are relative to the run's folder. What is unknown is null;
 * numbers that are not finite become null.
 *
 * @param limbeckCommit of the sources that Limbeck was built from; null where the build did not know
 * @param createdAt ISO 8601
 * @param spec digest of the spec
 * @param predictor null where none was fitted
 */
public record Results(
        String name,
        String limbeckVersion,
        String limbeckCommit,
        String createdAt,
        String runId,
        String spec,
        long seed,
        Reference reference,
        Space space,
        Predictor predictor,
        Ledger ledger,
        List<BlockQuality> blocks,
        List<Scenario> scenarios,
        List<Stage> timeline,
        List<Machine> machines) {

    public Results {
        blocks = copy(blocks);
        scenarios = copy(scenarios);
        timeline = copy(timeline);
        machines = copy(machines);
    }

    /** The trained network that the run began with, in floating point. */
    public record Reference(String model, double accuracy, double validationAccuracy, long macs, long parameters) {}

    /**
     * The search space.
     *
     * @param variants of all blocks together
     * @param architectures how many, written out, since there may be more than a long holds
     * @param text one sentence for people
     */
    public record Space(int blocks, int variants, String architectures, Span macs, Span parameters, String text) {}

    /** A range of whole numbers, both ends included. */
    public record Span(long low, long high) {}

    /** A range, such as a 95 % interval. */
    public record Range(double low, double high) {}

    /**
     * How well accuracy is predicted for networks that the fit did not see.
     *
     * @param kendallTau rank correlation, -1 to 1
     * @param rmse root of the mean squared error, as a fraction
     * @param heldOut networks
     * @param noiseCeiling the highest tau that the noise of the accuracies themselves allows
     * @param baselines rank correlation of simpler predictors on the same networks
     */
    public record Predictor(
            Double kendallTau,
            Range kendallTauInterval,
            Double rmse,
            Range rmseInterval,
            int heldOut,
            Double noiseCeiling,
            List<Baseline> baselines,
            List<HeldOutPrediction> heldOutPredictions) {

        public Predictor {
            kendallTau = finite(kendallTau);
            rmse = finite(rmse);
            noiseCeiling = finite(noiseCeiling);
            kendallTauInterval = finite(kendallTauInterval);
            rmseInterval = finite(rmseInterval);
            baselines = copy(baselines);
            heldOutPredictions = copy(heldOutPredictions);
        }
    }

    /** A simpler predictor, such as the number of MACs. */
    public record Baseline(String name, Double kendallTau, Range kendallTauInterval) {

        public Baseline {
            kendallTau = finite(kendallTau);
            kendallTauInterval = finite(kendallTauInterval);
        }
    }

    /** @param architecture a label, or its genes */
    public record HeldOutPrediction(String architecture, double predicted, double actual) {}

    /**
     * What the run cost, in epochs.
     *
     * @param library paid for once
     * @param perScenario paid for in every scenario
     * @param rows epochs per scenario, beside published methods
     */
    public record Ledger(List<Entry> library, List<Entry> perScenario, List<Row> rows) {

        public Ledger {
            library = copy(library);
            perScenario = copy(perScenario);
            rows = copy(rows);
        }
    }

    /**
     * Trainings of one kind.
     *
     * @param paperEpochs of all of them, each epoch counting 1 whatever it trains
     * @param realEpochs of all of them, in epochs of the whole reference on all training images
     */
    public record Entry(String name, long trainings, double epochsEach, double paperEpochs, double realEpochs) {}

    /** A method's cost in epochs per scenario. */
    public record Row(String method, Range oneScenario, Range fourScenarios, Range manyScenarios) {}

    /** A block of the reference and what may stand in its place. */
    public record BlockQuality(String name, List<Variant> variants) {

        public BlockQuality {
            variants = copy(variants);
        }
    }

    /** @param noiseToSignal mean squared error over the teacher's variance, on held-out images; null if not trained */
    public record Variant(String label, Double noiseToSignal, long macs, long parameters) {

        public Variant {
            noiseToSignal = finite(noiseToSignal);
        }
    }

    /**
     * One target and the networks found for it.
     *
     * @param precision "fp32" or "int8"
     * @param imageSize that latencies were measured at; null for the network's own. Accuracies, MACs and parameters are always those
     *     at its own
     * @param searched candidates of the search
     * @param networks all that were finetuned and measured here
     * @param tuning settings of the runtime that latencies were measured with; null where none were sought
     * @param front those of them that no other one beats in both validation accuracy and median latency
     */
    public record Scenario(
            String name,
            String device,
            List<String> deviceNames,
            String precision,
            int threads,
            int batch,
            Spec.ImageSize imageSize,
            ReferenceHere reference,
            List<Searched> searched,
            List<Network> networks,
            List<Network> front,
            SearchQuality search,
            Goals goals,
            @JsonInclude(JsonInclude.Include.NON_NULL) Tuning tuning) {

        public Scenario {
            precision = lower(precision);
            deviceNames = copy(deviceNames);
            searched = copy(searched);
            networks = copy(networks);
            front = copy(front);
        }
    }

    /**
     * What seeking faster settings of the runtime for the scenario's reference has come to.
     *
     * @param faster whether others than the defaults are faster, confirmed by a second measurement
     * @param settings the defaults where not
     * @param text the settings in words
     * @param speedup of the second measurement; null where nothing looked faster
     * @param defaultMillis median with the defaults, in that measurement
     * @param tunedMillis median with what looked fastest, in that measurement
     */
    public record Tuning(
            boolean faster,
            RuntimeSettings settings,
            String text,
            Double speedup,
            Double defaultMillis,
            Double tunedMillis) {}

    /**
     * The reference in the scenario's precision, on its device.
     *
     * @param integerKernelShare share of convolutions and matrix products in integer kernels, 0 to 1
     * @param bytes of its file; null in results of old
     * @param missed what was asked for and could not be reached, in words
     */
    public record ReferenceHere(
            String model,
            double accuracy,
            double validationAccuracy,
            Latency latency,
            Double integerKernelShare,
            Long bytes,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> missed) {

        public ReferenceHere {
            missed = copy(missed);
            integerKernelShare = finite(integerKernelShare);
        }
    }

    /** @param valid whether runs agreed and the machine was quiet enough */
    public record Latency(double p50Millis, double p90Millis, double p99Millis, boolean valid) {}

    /** @param architecture a variant's index for each block */
    public record Searched(List<Integer> architecture, double predictedAccuracy, double p50Millis, int generation) {

        public Searched {
            architecture = copy(architecture);
        }
    }

    /**
     * A finetuned network.
     *
     * @param architecture block name to variant label, in the order of the blocks
     * @param predictedAccuracy null where nothing was predicted
     * @param integerKernelShare share of convolutions and matrix products in integer kernels, 0 to 1
     * @param made how: finetuning and quantization, in words
     * @param bytes of its file; null in results of old
     * @param compression the scheme by which it was made smaller after finetuning; null where it was not
     * @param missed what was asked for and could not be reached, in words: the network is the nearest there is
     */
    public record Network(
            String model,
            String precision,
            Map<String, String> architecture,
            Double predictedAccuracy,
            double validationAccuracy,
            double accuracy,
            Latency latency,
            long macs,
            long parameters,
            Double integerKernelShare,
            String device,
            String made,
            Long bytes,
            @JsonInclude(JsonInclude.Include.NON_NULL) String compression,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> missed) {

        public Network {
            missed = copy(missed);
            precision = lower(precision);
            predictedAccuracy = finite(predictedAccuracy);
            integerKernelShare = finite(integerKernelShare);
        }
    }

    /**
     * How good the search's front is.
     *
     * @param exactHypervolume of the true front, null where the space is too large to enumerate
     * @param candidates looked at
     * @param measuredCandidates of them whose latency was measured on a device
     */
    public record SearchQuality(Double hypervolume, Double exactHypervolume, long candidates, long measuredCandidates) {

        public SearchQuality {
            hypervolume = finite(hypervolume);
            exactHypervolume = finite(exactHypervolume);
        }
    }

    /**
     * What was reached, and whether the spec's goals are met.
     *
     * @param accuracyDrop below the reference's accuracy on the test images that {@code text} allows, as a fraction
     * @param speedup over the reference's median latency in the scenario that {@code text} holds the networks against
     * @param text one sentence that says what was reached
     * @param model of the network that is held against the goals
     * @param goals that the spec asks for, one by one; none where it asks for none
     */
    public record Goals(boolean met, Double accuracyDrop, Double speedup, String text, String model, List<Goal> goals) {

        public Goals {
            goals = copy(goals);
        }
    }

    /**
     * A goal and what a network reached of it, in the same unit.
     *
     * @param name "accuracyDrop" (a fraction), "speedup", "latency" (milliseconds) or "size" (bytes)
     * @param reached null where it is not known
     */
    public record Goal(String name, double wanted, Double reached, boolean met) {

        public Goal {
            reached = finite(reached);
        }
    }

    /**
     * A step of the run.
     *
     * @param stage such as "library" or "search"
     * @param startMillis since the run began
     */
    public record Stage(String stage, String name, String worker, long startMillis, long endMillis) {}

    /**
     * A machine that measured.
     *
     * @param load runnable processes, mean of a minute
     * @param runtime name and version
     */
    public record Machine(
            String name,
            String cpu,
            List<String> flags,
            int cores,
            String governor,
            Double frequencyMHz,
            Double temperatureCelsius,
            Double load,
            Long memoryMib,
            String os,
            String java,
            String runtime) {

        public Machine {
            flags = copy(flags);
            frequencyMHz = finite(frequencyMHz);
            temperatureCelsius = finite(temperatureCelsius);
            load = finite(load);
        }
    }

    /** @throws BadInputException if there is no such file, or it is not a {@code results.json} */
    public static Results read(Path file) throws IOException {
        try {
            return mapper().readValue(file.toFile(), Results.class);
        } catch (NoSuchFileException | FileNotFoundException e) {
            throw new BadInputException(file + ": no such file; a run writes it as results.json", e);
        } catch (JsonProcessingException e) {
            throw new BadInputException(file + ": not the results of a run: " + e.getOriginalMessage(), e);
        }
    }

    /** @param json bytes of a {@code results.json} that a worker wrote */
    public static Results parse(byte[] json) {
        try {
            return mapper().readValue(json, Results.class);
        } catch (IOException e) {
            throw new IllegalStateException("the results cannot be read: " + e.getMessage(), e);
        }
    }

    /** Writes aside, then moves: there is never half a file. @throws BadInputException if it cannot be written */
    public void write(Path file) {
        WholeFile.write(file, (toJson() + "\n").getBytes(StandardCharsets.UTF_8), "choose another place by --runs");
    }

    /** @return indented JSON */
    public String toJson() {
        try {
            return mapper().writerWithDefaultPrettyPrinter().writeValueAsString(tree());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("results cannot be written", e);
        }
    }

    /** As JSON, in which numbers that are not finite are null: JSON has none. */
    public JsonNode tree() {
        return FiniteJson.of(mapper().valueToTree(this));
    }

    private static ObjectMapper mapper() {
        return JsonMapper.builder()
                .disable(MapperFeature.CAN_OVERRIDE_ACCESS_MODIFIERS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
    }

    private static <T> List<T> copy(List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    private static String lower(String text) {
        return text == null ? null : text.toLowerCase(Locale.ROOT);
    }

    private static Double finite(Double value) {
        return value == null || Double.isFinite(value) ? value : null;
    }

    private static Range finite(Range range) {
        return range == null || Double.isFinite(range.low()) && Double.isFinite(range.high()) ? range : null;
    }
}
