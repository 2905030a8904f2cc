package dev.limbeck.cli;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.learn.Samples;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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
            "The result is an ONNX network of QuantizeLinear and DequantizeLinear nodes that ONNX Runtime runs in integer kernels.",
            "",
            "With --data, images tell the ranges of activations; labels are only used to say the accuracy. Without, the network's"
                    + " batch norms tell them; where these are folded already, synthetic images do, which is less sure."
        },
        footer = {
            "",
            "Examples:",
            "  limbeck quantize net.onnx --data fashion-mnist -o net.int8.onnx",
            "  limbeck quantize net.onnx --equalize --bias-correction -o net.int8.onnx"
        })
final class QuantizeCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "A float network.")
    private Path model;

    @Mixin
    private OutputFile output;

    @Option(
            names = "--data",
            paramLabel = "NAME|PATH",
            completionCandidates = DatasetOptions.Names.class,
            description = "Images to calibrate on: a dataset (${COMPLETION-CANDIDATES}), " + DataOptions.PATHS
                    + "; without it, none are needed.")
    private String data;

    @Mixin
    private DataOptions place;

    @Mixin
    private PixelOptions pixels;

    @Option(
            names = "--equalize",
            description =
                    "Equalizes the channels of layers first, turns ReLU6 into ReLU where that is harmless, and absorbs"
                            + " high biases.")
    private boolean equalize;

    @Option(
            names = "--bias-correction",
            description = "Shifts biases until the means of channels are those of the float network.")
    private boolean biasCorrection;

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
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        output.check();
        Graph graph = pixels.normalized(Graph.read(model));
        QuantizeOptions options = QuantizeOptions.builder()
                .calibration(calibration)
                .granularity(perTensor ? Granularity.PER_TENSOR : Granularity.PER_CHANNEL)
                .reduceRange(reduceRange)
                .equalize(equalize)
                .biasCorrection(biasCorrection)
                .build();
        try (ProgressBar progress = new ProgressBar(parent.console(), System::nanoTime)) {
            Optional<SampleSplits> splits = Optional.ofNullable(data).map(name -> place.load(name, progress));
            long start = System.nanoTime();
            Quantized quantized = splits.map(
                            s -> Quantizer.quantize(graph, calibrationImages(graph, s), options, progress))
                    .orElseGet(() -> Quantizer.quantize(graph, options, progress));
            double seconds = (System.nanoTime() - start) / 1e9;
            provenance(graph, quantized, splits).writeTo(quantized.graph()).write(output.path());
            progress.finishLine();
            answer(graph, quantized, splits.map(SampleSplits::test), seconds);
        }
        return ExitCodes.DONE;
    }

    private FloatTensor calibrationImages(Graph graph, SampleSplits splits) {
        Samples training = splits.train().fitting(graph);
        return training.batch(0, Math.clamp(images, 0, training.size()));
    }

    private Provenance provenance(Graph from, Quantized quantized, Optional<SampleSplits> splits) {
        Map<String, String> inputs = new HashMap<>(Map.of("model", from.digest()));
        splits.ifPresent(s -> inputs.put("data", data + " " + s.digest()));
        return Provenance.of("quantize", "1", Map.of("steps", String.join("; ", quantized.steps())), inputs);
    }

    private void answer(Graph before, Quantized quantized, Optional<Samples> test, double seconds) {
        Optional<Double> accuracyBefore = test.map(images -> Evaluation.accuracy(before, images, 1));
        Optional<Double> accuracyAfter = test.map(images -> Evaluation.accuracy(quantized.graph(), images, 1));
        if (outputOptions.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("model", output.path().toString());
            accuracyBefore.ifPresent(accuracy -> answer.put("accuracyBefore", accuracy));
            accuracyAfter.ifPresent(accuracy -> answer.put("accuracy", accuracy));
            answer.put("seconds", seconds);
            answer.put("steps", quantized.steps());
            parent.console().printJson(answer);
            return;
        }
        quantized.steps().forEach(step -> parent.console().print("  " + step));
        String accuracy = accuracyAfter
                .map(after -> "accuracy %.2f %% on test images (float: %.2f %%), "
                        .formatted(100 * after, 100 * accuracyBefore.orElseThrow()))
                .orElse("");
        parent.console().print("%s: %squantized in %.1f s".formatted(output.path(), accuracy, seconds));
    }
}
