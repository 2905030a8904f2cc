package dev.limbeck.cli;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Quantizes a float network after training. */
@Command(
        name = "quantize",
        mixinStandardHelpOptions = true,
        description = {
            "Quantizes a float network after training: 8-bit unsigned activations, 8-bit signed weights, 32-bit biases.",
            "",
            "The result is an ONNX network of QuantizeLinear and DequantizeLinear nodes that ONNX Runtime runs in integer kernels."
        },
        footer = {"", "Example:", "  limbeck quantize net.onnx -o net.int8.onnx"})
final class QuantizeCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "A float network.")
    private Path model;

    @Mixin
    private OutputFile output;

    @Option(
            names = "--calibration",
            defaultValue = "minmax",
            paramLabel = "METHOD",
            description =
                    "How ranges of activations are chosen: minmax, percentile or sqnr; default: ${DEFAULT-VALUE}.")
    private Calibration calibration;

    @Option(
            names = "--images",
            defaultValue = "512",
            paramLabel = "N",
            description = "Images for calibration; default: ${DEFAULT-VALUE}.")
    private int images;

    @Option(
            names = "--per-tensor",
            description = "One scale for each weight instead of one for each of its output channels.")
    private boolean perTensor;

    @Option(
            names = "--reduce-range",
            description = "7-bit weights, for x86 processors without VNNI, whose sums of 8-bit products saturate.")
    private boolean reduceRange;

    @Mixin
    private DatasetOptions dataset;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        output.check();
        Graph graph = Graph.read(model);
        try (ProgressBar progress = new ProgressBar(parent.console(), System::nanoTime)) {
            Splits splits = dataset.load(progress);
            ImageDataset training = splits.train().fitting(graph);
            FloatTensor calibrationImages = training.batch(0, Math.clamp(images, 0, training.size()));
            long start = System.nanoTime();
            Quantized quantized = Quantizer.quantize(
                    graph,
                    calibrationImages,
                    QuantizeOptions.builder()
                            .calibration(calibration)
                            .granularity(perTensor ? Granularity.PER_TENSOR : Granularity.PER_CHANNEL)
                            .reduceRange(reduceRange)
                            .build(),
                    progress);
            double seconds = (System.nanoTime() - start) / 1e9;
            provenance(graph, quantized, splits).writeTo(quantized.graph()).write(output.path());
            progress.finishLine();
            answer(graph, quantized, splits.test(), seconds);
        }
        return ExitCodes.DONE;
    }

    private Provenance provenance(Graph from, Quantized quantized, Splits splits) {
        return Provenance.of(
                "quantize",
                "1",
                Map.of("steps", String.join("; ", quantized.steps())),
                Map.of("model", from.digest(), "data", dataset.name() + " " + splits.digest()));
    }

    private void answer(Graph before, Quantized quantized, ImageDataset test, double seconds) {
        double accuracyBefore = Evaluation.accuracy(before, test, 1);
        double accuracyAfter = Evaluation.accuracy(quantized.graph(), test, 1);
        if (outputOptions.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("model", output.path().toString());
            answer.put("accuracyBefore", accuracyBefore);
            answer.put("accuracy", accuracyAfter);
            answer.put("seconds", seconds);
            answer.put("steps", quantized.steps());
            parent.console().printJson(answer);
        } else {
            quantized.steps().forEach(step -> parent.console().print("  " + step));
            parent.console()
                    .print("%s: accuracy %.2f %% on test images (float: %.2f %%), quantized in %.1f s"
                            .formatted(output.path(), 100 * accuracyAfter, 100 * accuracyBefore, seconds));
        }
    }
}
