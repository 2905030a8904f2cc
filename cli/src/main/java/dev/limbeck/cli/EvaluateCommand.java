package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.SampleSplits;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says how accurate a network is. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Says how accurate a network is, computed by ONNX Runtime.",
        footer = {"", "Example:", "  limbeck evaluate examples/fashion-mnist/reference.onnx"})
final class EvaluateCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "Float or quantized network.")
    private Path model;

    @Mixin
    private DatasetOptions dataset;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        Graph graph = dataset.pixels().read(model);
        try (ProgressBar progress = new ProgressBar(parent.console(), System::nanoTime)) {
            SampleSplits splits = dataset.load(progress);
            double validation = Evaluation.accuracy(graph, splits.validation(), 1);
            double test = Evaluation.accuracy(graph, splits.test(), 1);
            progress.finishLine();
            if (outputOptions.json()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("model", model.toString());
                answer.put("data", dataset.name());
                answer.put("accuracy", test);
                answer.put("validationAccuracy", validation);
                parent.console().printJson(answer);
            } else {
                parent.console()
                        .print("%s: accuracy %.2f %% on %,d test images of %s, %.2f %% on %,d validation images"
                                .formatted(
                                        model,
                                        100 * test,
                                        splits.test().size(),
                                        dataset.name(),
                                        100 * validation,
                                        splits.validation().size()));
            }
        }
        return ExitCodes.DONE;
    }
}
