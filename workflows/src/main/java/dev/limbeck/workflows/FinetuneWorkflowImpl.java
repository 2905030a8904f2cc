package dev.limbeck.workflows;

import io.temporal.workflow.Async;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Registered by every worker that serves {@link TaskQueues#CONTROL}. */
public final class FinetuneWorkflowImpl implements FinetuneWorkflow {

    private final Pieces<List<Finetuned>> networks = new Pieces<>();
    private int notBegun;

    @Override
    public StageProgress progress() {
        StageProgress begun = networks.progress();
        return new StageProgress(begun.done(), begun.total() + notBegun);
    }

    @Override
    public List<Finetuned> finetune(
            RunRequest run, Library library, List<List<Integer>> architectures, boolean reduceRange) {
        FinetuneActivities activities = Stubs.training(FinetuneActivities.class, run);
        networks.add(Async.function(
                () -> inEveryPrecision(activities, run, activities.evaluateReference(run), reduceRange)));
        for (List<Integer> architecture : architectures) {
            networks.add(Async.function(
                    () -> inEverySize(activities, run, activities.finetune(run, library, architecture), reduceRange)));
        }
        if (isCompressedByLatency(run)) {
            notBegun = architectures.size();
            compressByLatency(activities, run, reduceRange);
        }
        return networks.get().stream().flatMap(List::stream).toList();
    }

    private static boolean isCompressedByLatency(RunRequest run) {
        return run.spec().compress() != null && run.spec().compress().choosesByLatency();
    }

    /** Everything is measured while nothing trains: on a machine that does both, a training would be measured too. */
    private void compressByLatency(FinetuneActivities activities, RunRequest run, boolean reduceRange) {
        Map<Finetuned, Map<String, List<Double>>> measured = new LinkedHashMap<>();
        for (List<Finetuned> precisions : networks.get()) {
            Finetuned network = precisions.getFirst();
            if (!network.architecture().isEmpty()) {
                measured.put(network, ShapeLatencies.of(activities, run, network));
            }
        }
        notBegun = 0;
        measured.forEach((network, millis) -> networks.add(Async.function(
                () -> inEveryPrecision(activities, run, activities.compress(run, network, millis), reduceRange))));
    }

    private static List<Finetuned> inEverySize(
            FinetuneActivities activities, RunRequest run, Finetuned network, boolean reduceRange) {
        List<Finetuned> all = new ArrayList<>(inEveryPrecision(activities, run, network, reduceRange));
        if (run.spec().compress() != null && !isCompressedByLatency(run)) {
            all.addAll(inEveryPrecision(activities, run, activities.compress(run, network, Map.of()), reduceRange));
        }
        return all;
    }

    private static List<Finetuned> inEveryPrecision(
            FinetuneActivities activities, RunRequest run, Finetuned network, boolean reduceRange) {
        return List.of(network, activities.quantize(run, network, reduceRange));
    }
}
