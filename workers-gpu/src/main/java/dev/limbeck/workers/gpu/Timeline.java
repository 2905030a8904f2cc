package dev.limbeck.workers.gpu;

import dev.limbeck.schemas.Results;
import dev.limbeck.workflows.BlockOutcome;
import dev.limbeck.workflows.Finetuned;
import dev.limbeck.workflows.ReportRequest;
import dev.limbeck.workflows.Timing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** When each piece of a run's work was done; remembered results keep the time when they were made. */
final class Timeline {

    private Timeline() {}

    static List<Results.Stage> of(ReportRequest request, Assembly assembly) {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step("space", "plan", request.planned()));
        for (List<BlockOutcome> block : assembly.library().blocks()) {
            for (BlockOutcome outcome : block) {
                String name =
                        assembly.space().blocks().get(outcome.task().block()).name();
                String label = assembly.space()
                        .choices()
                        .get(outcome.task().block())
                        .get(outcome.task().variant())
                        .label();
                steps.add(new Step("library", name + " " + label, outcome.timing()));
            }
        }
        request.samples().forEach(s -> steps.add(new Step("predictor", "finetune " + s.architecture(), s.timing())));
        steps.add(new Step("predictor", "fit", request.predictor().timing()));
        request.searches().forEach(s -> steps.add(new Step("search", s.scenario(), s.timing())));
        request.networks()
                .forEach(n -> steps.add(new Step(
                        stage(n),
                        n.architecture().isEmpty()
                                ? "reference"
                                : n.architecture() + (n.compression() == null ? "" : " " + n.compression()),
                        n.timing())));
        request.tuned().forEach((scenario, outcome) -> steps.add(new Step("tune", scenario, outcome.timing())));
        request.measured().forEach((scenario, outcome) -> steps.add(new Step("measure", scenario, outcome.timing())));
        long start =
                steps.stream().mapToLong(s -> s.timing().startMillis()).min().orElse(0);
        return steps.stream()
                .sorted(Comparator.comparingLong(s -> s.timing().startMillis()))
                .map(s -> new Results.Stage(
                        s.stage(),
                        s.name(),
                        s.timing().worker(),
                        s.timing().startMillis() - start,
                        s.timing().endMillis() - start))
                .toList();
    }

    private static String stage(Finetuned network) {
        if (network.precision().equals("int8")) {
            return "quantize";
        }
        return network.compression() == null ? "finetune" : "compress";
    }

    private record Step(String stage, String name, Timing timing) {}
}
