package dev.limbeck.workflows;

import io.temporal.workflow.Async;
import java.util.ArrayList;
import java.util.List;

/** Registered by every worker that serves {@link TaskQueues#CONTROL}. */
public final class FinetuneWorkflowImpl implements FinetuneWorkflow {

    private final Pieces<List<Finetuned>> networks = new Pieces<>();

    @Override
    public StageProgress progress() {
        return networks.progress();
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
        return networks.get().stream().flatMap(List::stream).toList();
    }

    private static List<Finetuned> inEverySize(
            FinetuneActivities activities, RunRequest run, Finetuned network, boolean reduceRange) {
        List<Finetuned> all = new ArrayList<>(inEveryPrecision(activities, run, network, reduceRange));
        if (run.spec().compress() != null) {
            all.addAll(inEveryPrecision(activities, run, activities.compress(run, network), reduceRange));
        }
        return all;
    }

    private static List<Finetuned> inEveryPrecision(
            FinetuneActivities activities, RunRequest run, Finetuned network, boolean reduceRange) {
        return List.of(network, activities.quantize(run, network, reduceRange));
    }
}
