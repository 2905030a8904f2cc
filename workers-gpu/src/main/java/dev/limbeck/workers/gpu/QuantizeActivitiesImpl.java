package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Splits;
import dev.limbeck.schemas.LimbeckVersion;
import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.schemas.QuantizeSpec;
import dev.limbeck.schemas.ResultEvent;
import dev.limbeck.schemas.Results;
import dev.limbeck.store.Digests;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workflows.Finetuned;
import dev.limbeck.workflows.MeasureOutcome;
import dev.limbeck.workflows.Measured;
import dev.limbeck.workflows.QuantizeActivities;
import dev.limbeck.workflows.QuantizeOutcome;
import dev.limbeck.workflows.RunOutcome;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.ShapeTask;
import dev.limbeck.workflows.TuneOutcome;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Quantizes a run's reference, and puts the results together. */
final class QuantizeActivitiesImpl implements QuantizeActivities {

    /** Changes whenever the same inputs would give other results. */
    private static final int VERSION = 4;

    private static final String REFERENCE = "models/reference.onnx";

    private final Workshop workshop;
    private final Quantization quantization;

    QuantizeActivitiesImpl(Workshop workshop, Quantization quantization) {
        this.workshop = workshop;
        this.quantization = quantization;
    }

    @Override
    public List<ShapeTask> precisionsToMeasure(
            RunRequest run, String name, boolean reduceRange, Map<String, List<Double>> millis) {
        String key = key(run, way(run, name), reduceRange);
        if (workshop.artifacts().store().recall(key).isPresent()) {
            return List.of();
        }
        return workshop.timed(run, "quantize", (timing, progress) -> {
            Graph reference = workshop.artifacts().graph(run.reference());
            return quantization.unmeasured(run, reference, way(run, name), reduceRange, key, millis, progress).stream()
                    .map(networks -> new ShapeTask(
                            ShapeCost.key(networks),
                            networks.stream().map(workshop.artifacts()::put).toList()))
                    .toList();
        });
    }

    private static QuantizeSpec way(RunRequest run, String name) {
        return run.spec().quantize().stream()
                .filter(w -> w.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Latencies are not part of it: they are remembered, and the first ones count. */
    private String key(RunRequest run, QuantizeSpec way, boolean reduceRange) {
        return Digests.ofParts(
                "quantize reference",
                VERSION,
                run.reference(),
                workshop.data(run).digest(),
                workshop.artifacts().text(way.withName("")),
                way.choosesByLatency()
                        ? workshop.artifacts().text(run.spec().scenarios().getFirst())
                        : "",
                run.spec().seed(),
                reduceRange);
    }

    @Override
    public QuantizeOutcome quantizeReference(
            RunRequest run, String name, boolean reduceRange, Map<String, List<Double>> millis) {
        QuantizeSpec way = way(run, name);
        Splits splits = workshop.data(run);
        String key = key(run, way, reduceRange);
        QuantizeOutcome outcome = workshop.artifacts()
                .once(
                        key,
                        QuantizeOutcome.class,
                        () -> workshop.timed(run, "quantize", (timing, progress) -> {
                            Graph reference = workshop.artifacts().graph(run.reference());
                            Quantization.Result quantized =
                                    quantization.forUse(run, reference, way, reduceRange, key, millis, progress);
                            Graph graph = provenance(run, splits, quantized).writeTo(quantized.graph());
                            return new QuantizeOutcome(
                                    name,
                                    workshop.artifacts().put(graph),
                                    quantized.validationAccuracy(),
                                    Evaluation.accuracy(graph, splits.test(), 1),
                                    quantized.steps(),
                                    quantized.methods(),
                                    quantized.remembered(),
                                    timing.get(),
                                    quantized.missed().stream().toList());
                        }));
        return outcome.called(name);
    }

    private static Provenance provenance(RunRequest run, Splits splits, Quantization.Result quantized) {
        return Provenance.of(
                        "quantize",
                        Integer.toString(VERSION),
                        Map.of("steps", quantized.made()),
                        Map.of("model", run.reference(), "data", splits.digest()))
                .withSeed(run.spec().seed());
    }

    @Override
    public RunOutcome reportQuantization(
            RunRequest run,
            Finetuned reference,
            List<QuantizeOutcome> networks,
            Map<String, MeasureOutcome> measured,
            Map<String, TuneOutcome> tuned) {
        return workshop.timed(run, "report", (timing, progress) -> {
            Map<String, String> models = new LinkedHashMap<>(Map.of(REFERENCE, reference.network()));
            networks.forEach(network -> models.put(path(network), network.network()));
            QuantizationResults.Reference before = new QuantizationResults.Reference(
                    REFERENCE,
                    reference.accuracy(),
                    reference.validationAccuracy(),
                    workshop.artifacts().bytes(reference.network()),
                    latencies(measured, 0));
            List<QuantizationResults.Network> after = networks.stream()
                    .map(network -> network(network, reference, latencies(measured, 1 + networks.indexOf(network))))
                    .toList();
            QuantizationResults results = new QuantizationResults(
                    run.spec().name(),
                    LimbeckVersion.current().version(),
                    LimbeckVersion.current().commit(),
                    workshop.now().toString(),
                    run.runId(),
                    workshop.artifacts().putJson(run.spec()),
                    run.spec().seed(),
                    before,
                    after,
                    QuantizationResults.judge(run.spec().goals(), before, after),
                    tunings(tuned));
            String digest = workshop.artifacts().store().put(results.toJson().getBytes(StandardCharsets.UTF_8));
            workshop.events()
                    .publish(
                            Topic.RESULTS,
                            run.runId(),
                            new ResultEvent(run.runId(), run.spec().name(), digest));
            progress.report("report", 1, 1, "");
            return new RunOutcome(run.runId(), digest, models);
        });
    }

    private static Map<String, Results.Tuning> tunings(Map<String, TuneOutcome> tuned) {
        Map<String, Results.Tuning> tunings = new LinkedHashMap<>();
        tuned.forEach((scenario, outcome) -> tunings.put(scenario, outcome.tuning()));
        return tunings;
    }

    private QuantizationResults.Network network(
            QuantizeOutcome network, Finetuned reference, List<QuantizationResults.Latency> latencies) {
        return new QuantizationResults.Network(
                network.way(),
                path(network),
                reference.accuracy(),
                network.accuracy(),
                network.validationAccuracy(),
                (network.timing().endMillis() - network.timing().startMillis()) / 1e3,
                workshop.artifacts().bytes(network.network()),
                network.steps(),
                network.methods().stream()
                        .map(method -> new QuantizationResults.Method(
                                method.name(),
                                method.accuracyBefore(),
                                method.accuracy(),
                                method.seconds(),
                                method.done()))
                        .toList(),
                network.remembered(),
                network.timing().worker(),
                latencies,
                network.missed());
    }

    private static String path(QuantizeOutcome network) {
        return "models/" + network.way() + ".onnx";
    }

    /** @param position of the network in the measuring tasks */
    private static List<QuantizationResults.Latency> latencies(Map<String, MeasureOutcome> measured, int position) {
        return measured.entrySet().stream()
                .map(scenario -> {
                    Measured network = scenario.getValue().measured().get(position);
                    return new QuantizationResults.Latency(
                            scenario.getKey(),
                            network.p50Millis(),
                            network.p90Millis(),
                            network.p99Millis(),
                            network.valid(),
                            network.integerKernelShare());
                })
                .toList();
    }
}
