package dev.limbeck.cli;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Judge;
import dev.limbeck.learn.QuantizationTraining;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.learn.Samples;
import dev.limbeck.measure.MachineState;
import dev.limbeck.quantize.AccuracyGoal;
import dev.limbeck.quantize.AutoQuantizer;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.LayerSensitivity;
import dev.limbeck.quantize.MethodStages;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A network quantized with data: the methods that were asked for, or as many as a goal needs. */
final class QuantizationWork {

    private static final int LAYERS_TO_NAME = 5;

    private final Graph graph;
    private final Items images;
    private final String digest;
    private final Judge judge;
    private final QuantizeOptions options;
    private final Progress progress;

    /**
     * @param images to calibrate on
     * @param digest of these images
     */
    private QuantizationWork(
            Graph graph, Items images, String digest, Judge judge, QuantizeOptions options, Progress progress) {
        this.graph = graph;
        this.images = images;
        this.digest = digest;
        this.judge = judge;
        this.options = options;
        this.progress = progress;
    }

    /** The same with other options. */
    QuantizationWork with(QuantizeOptions others) {
        return new QuantizationWork(graph, images, digest, judge, others, progress);
    }

    /**
     * Precisions of groups of layers, as the way says.
     *
     * @param validation images, if any have labels
     * @param goal as {@link MixedWork#choose}
     */
    MixedWork.Chosen mixed(
            MixedOptions way, Optional<Samples> validation, Optional<Double> goal, Path cache, Console console) {
        Optional<Samples> labelled = validation.filter(Samples::isLabelled);
        String known = labelled.map(Samples::digest).orElse("");
        LayerCheckpoints memory = CachedWork.open(cache, console, graph.digest(), digest, known);
        return new MixedWork(graph, images, way, labelled, memory, progress).choose(options, goal);
    }

    /** By what training came to, which may reach a goal that was missed before it, and lose one that was met. */
    MixedWork.Chosen judged(MixedWork.Chosen chosen, Quantized trained, Samples validation, double goal) {
        double floats = Evaluation.accuracy(graph, validation, options.threads());
        double accuracy = Evaluation.accuracy(trained.graph(), validation, options.threads());
        return chosen.warning(new AccuracyGoal(floats, goal)
                .missed(accuracy, "after training", "the network was written all the same"));
    }

    static QuantizationWork of(
            Graph graph, SampleSplits splits, int images, QuantizeOptions options, Progress progress) {
        Samples training = splits.train().take(images);
        Items items = Items.of(graph, training.fitting(graph).batch(0, training.size()));
        Judge judge = Judge.on(splits.test(), graph, options.threads());
        return new QuantizationWork(graph, items, training.digest(), judge, options, progress);
    }

    /** A tenth of the items is held back to tell how close the output is. */
    static QuantizationWork of(
            Graph graph, Items items, String digest, int images, QuantizeOptions options, Progress progress) {
        int held = Math.ceilDiv(items.count(), 10);
        int training = Math.clamp(items.count() - held, 1, images);
        Judge judge = Judge.on(items.slice(items.count() - held, items.count()), graph, options.threads());
        return new QuantizationWork(graph, items.slice(0, training), digest, judge, options, progress);
    }

    /** A method that trains. @param label what the answer calls it */
    record Training(String label, Function<LayerCheckpoints, QuantizationTraining.Outcome> train) {}

    /**
     * Each method on top of the ones before, so that it can be told what each brings.
     *
     * @param training the last of them, if there is to be any
     */
    QuantizationAnswer inStages(Path cache, Console console, Optional<Training> training) {
        LayerCheckpoints checkpoints = CachedWork.open(cache, console, graph.digest(), digest);
        List<Map<String, Object>> methods = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        Optional<Double> before = judge.floatAccuracy();
        Quantized quantized = null;
        Judge.Score score = null;
        List<String> known = List.of();
        double seconds = 0;
        SequencedMap<String, Supplier<Quantized>> stages = new LinkedHashMap<>();
        MethodStages.of(options)
                .forEach((name, stage) ->
                        stages.put(name, () -> Quantizer.quantize(graph, images, stage, checkpoints, progress)));
        Map<String, Object> learned = new LinkedHashMap<>();
        training.ifPresent(t -> stages.put(t.label(), () -> {
            QuantizationTraining.Outcome outcome = t.train().apply(checkpoints);
            outcome.report().ifPresent(report -> {
                learned.putAll(TrainingMethods.json(report));
                report.lines().forEach(line -> lines.add("    " + line));
            });
            return outcome.quantized();
        }));
        for (Map.Entry<String, Supplier<Quantized>> stage : stages.entrySet()) {
            long start = System.nanoTime();
            quantized = stage.getValue().get();
            seconds = (System.nanoTime() - start) / 1e9;
            score = judge.score(quantized.graph());
            Map<String, Object> method = Judge.describe(stage.getKey(), before, score);
            method.put("seconds", seconds);
            List<String> earlier = known;
            List<String> done = quantized.steps().stream()
                    .filter(step -> !earlier.contains(step))
                    .toList();
            method.put("done", done);
            methods.add(method);
            lines.add("%-20s %s, %.1f s".formatted(stage.getKey(), score.describe(), seconds));
            done.forEach(step -> lines.add("    " + step));
            known = quantized.steps();
            before = score.accuracy();
        }
        Map<String, Object> json = new LinkedHashMap<>();
        judge.floatAccuracy().ifPresent(accuracy -> json.put("accuracyBefore", accuracy));
        score.putInto(json);
        json.put("seconds", seconds);
        json.put("steps", quantized.steps());
        json.put("methods", methods);
        if (training.isEmpty()) {
            new QuantizationAdvice(options, MachineState.read().saturatesIntegerProducts())
                    .on(judge.floatAccuracy(), score)
                    .ifPresent(advice -> json.put("advice", advice));
        }
        if (!learned.isEmpty()) {
            json.put("bits", learned);
        }
        return new QuantizationAnswer(
                quantized,
                json,
                lines,
                "%s%s, quantized in %.1f s".formatted(score.describe(), floatAccuracy(), seconds),
                Optional.empty());
    }

    /** Methods are chosen by their accuracy on validation images; what is told of the result is that on test images. */
    QuantizationAnswer untilGoal(double goal, Samples validation, Path cache, Console console) {
        if (!validation.isLabelled()) {
            throw new BadInputException(
                    "--goal needs labels to tell accuracies; give class folders, or labels beside the images");
        }
        LayerCheckpoints memory = CachedWork.open(cache, console, graph.digest(), digest, validation.digest());
        FloatTensor pixels = images.inputs().values().iterator().next();
        AutoQuantizer.Outcome outcome = AutoQuantizer.quantize(
                graph,
                pixels,
                options,
                network -> Evaluation.accuracy(network, validation, options.threads()),
                goal,
                memory,
                progress);
        Judge.Score score = judge.score(outcome.quantized().graph());
        List<LayerSensitivity.Layer> layers = LayerSensitivity.measure(graph, pixels, options, progress);

        Map<String, Object> json = new LinkedHashMap<>();
        judge.floatAccuracy().ifPresent(accuracy -> json.put("accuracyBefore", accuracy));
        score.putInto(json);
        json.put("goal", goal);
        json.put("goalMet", outcome.goalMet());
        json.put("validationAccuracyBefore", outcome.floatAccuracy());
        json.put("validationAccuracy", outcome.accuracy());
        json.put("seconds", outcome.best().seconds());
        json.put("steps", outcome.quantized().steps());
        json.put("methods", methods(outcome));
        json.put("layers", layers.stream().map(QuantizationWork::describe).toList());
        List<String> lines = new ArrayList<>();
        for (AutoQuantizer.Attempt attempt : outcome.attempts()) {
            lines.add("%-64s validation accuracy %.2f %%, %.1f s%s"
                    .formatted(
                            describe(attempt.options()),
                            100 * attempt.accuracy(),
                            attempt.seconds(),
                            attempt.remembered() ? " (remembered)" : ""));
        }
        String worst = layers.stream()
                .limit(LAYERS_TO_NAME)
                .map(layer -> "%s (%.1f dB)".formatted(layer.name(), layer.sqnr()))
                .collect(Collectors.joining(", "));
        lines.add("layers that cost most (output SQNR with only this one quantized): " + worst);
        Optional<String> warning = outcome.missed(goal).map(missed -> missed + "; layers that cost most: " + worst);
        return new QuantizationAnswer(
                outcome.quantized(),
                json,
                lines,
                "%s%s, by %s"
                        .formatted(
                                score.describe(),
                                floatAccuracy(),
                                describe(outcome.best().options())),
                warning);
    }

    private static List<Map<String, Object>> methods(AutoQuantizer.Outcome outcome) {
        List<Map<String, Object>> methods = new ArrayList<>();
        for (AutoQuantizer.Attempt attempt : outcome.attempts()) {
            Map<String, Object> method = new LinkedHashMap<>();
            method.put("method", describe(attempt.options()));
            method.put("validationAccuracyBefore", outcome.floatAccuracy());
            method.put("validationAccuracy", attempt.accuracy());
            method.put("seconds", attempt.seconds());
            method.put("remembered", attempt.remembered());
            method.put("done", attempt.steps());
            methods.add(method);
        }
        return methods;
    }

    private static Map<String, Object> describe(LayerSensitivity.Layer layer) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("layer", layer.name());
        described.put("op", layer.op());
        if (Double.isFinite(layer.sqnr())) {
            described.put("outputSqnrDb", layer.sqnr());
        }
        return described;
    }

    /** "sqnr calibration, equalization, AdaRound" */
    private static String describe(QuantizeOptions tried) {
        List<String> names = new ArrayList<>(MethodStages.of(tried).sequencedKeySet());
        names.set(0, tried.calibration().name().toLowerCase(Locale.ROOT) + " calibration");
        return String.join(", ", names);
    }

    private String floatAccuracy() {
        return judge.floatAccuracy()
                .map(accuracy -> " (float: %.2f %%)".formatted(100 * accuracy))
                .orElse("");
    }
}
