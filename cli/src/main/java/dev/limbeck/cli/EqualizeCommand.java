package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.quantize.Equalization;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Makes a float network ready for coarse grids without changing what it computes. */
@Command(
        name = "equalize",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a float network ready for quantization, without data: it stays a float network that computes what it did.",
            "",
            "Batch norms are folded, ReLU6 becomes ReLU where batch norms say that hardly anything lies beyond 6, the channels of"
                    + " layers are rescaled until their weights are of like size, high biases move to the next layer."
        },
        footer = {"", "Example:", "  limbeck equalize net.onnx -o net.equalized.onnx"})
final class EqualizeCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "A float network.")
    private Path model;

    @Mixin
    private OutputFile output;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        output.check(model);
        Graph graph = Graph.read(model);
        Equalization.EqualizedModel equalized = Equalization.equalizeModel(graph);
        String steps = String.join("; ", equalized.steps());
        Provenance.of("equalize", "1", Map.of("steps", steps), Map.of("model", graph.digest()))
                .writeTo(equalized.graph())
                .write(output.path());
        if (outputOptions.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("model", output.path().toString());
            answer.put("spreadBefore", equalized.spreadBefore());
            answer.put("spread", equalized.spreadAfter());
            answer.put("steps", equalized.steps());
            parent.console().printJson(answer);
        } else {
            equalized.steps().forEach(step -> parent.console().print("  " + step));
            parent.console()
                    .print("%s: the weights of a layer's channels differ by a factor of up to %.1f (before: %.1f)"
                            .formatted(output.path(), equalized.spreadAfter(), equalized.spreadBefore()));
        }
        return ExitCodes.DONE;
    }
}
