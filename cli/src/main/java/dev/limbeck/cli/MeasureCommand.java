package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputResizing;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Spec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** Measures networks on this machine. */
@Command(
        name = "measure",
        mixinStandardHelpOptions = true,
        description = {
            "Measures the latency of networks on this machine, one query after the other, by MLPerf's rules.",
            "",
            "Several networks are measured in turns, so that their ratios hold on a noisy machine. Also says which share of the "
                    + "convolutions runs in integer kernels."
        },
        footer = {"", "Example:", "  limbeck measure float.onnx int8.onnx"})
final class MeasureCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", arity = "1..*", description = "Float or quantized networks.")
    private List<Path> models;

    @Option(
            names = "--threads",
            defaultValue = "1",
            paramLabel = "N",
            description = "Of ONNX Runtime; default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--batch",
            defaultValue = "1",
            paramLabel = "N",
            description = "Items of a query; default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--image-size",
            paramLabel = "SIDE|HEIGHTxWIDTH",
            converter = ImageSizes.class,
            description = "Of the images, in pixels; default: the networks' own.")
    private Spec.ImageSize imageSize;

    @Option(names = "--quick", description = "A quarter of a second a network instead of some seconds.")
    private boolean quick;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        List<Graph> graphs = models.stream().map(this::read).toList();
        LatencyProtocol protocol = quick ? LatencyProtocol.quick() : LatencyProtocol.standard();
        List<LatencyMeasurement> measured;
        try (ProgressBar progress = new ProgressBar(parent.console(), System::nanoTime)) {
            measured = LatencyMeasurer.ofThisMachine().measureInterleaved(graphs, batch, threads, protocol, progress);
        }
        List<Map<String, Object>> answers = new ArrayList<>();
        for (int i = 0; i < graphs.size(); i++) {
            KernelCoverage coverage =
                    KernelCoverage.of(graphs.get(i), SessionOptions.defaults().withThreads(threads));
            answers.add(answer(models.get(i), measured.get(i), coverage));
        }
        if (outputOptions.json()) {
            parent.console().printJson(answers);
        } else {
            print(measured, answers);
        }
        return ExitCodes.DONE;
    }

    private Graph read(Path model) {
        Graph graph = Graph.read(model);
        return imageSize == null ? graph : InputResizing.resize(graph, imageSize.height(), imageSize.width());
    }

    /** "224" or "480x640" */
    static final class ImageSizes implements ITypeConverter<Spec.ImageSize> {

        private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,4})(?:x([1-9]\\d{0,4}))?");

        @Override
        public Spec.ImageSize convert(String text) {
            Matcher matcher = SIZE.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is no size in pixels, such as 224 or 480x640");
            }
            int height = Integer.parseInt(matcher.group(1));
            return new Spec.ImageSize(height, matcher.group(2) == null ? height : Integer.parseInt(matcher.group(2)));
        }
    }

    private static Map<String, Object> answer(Path model, LatencyMeasurement latency, KernelCoverage coverage) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("model", model.toString());
        answer.put("p50Millis", latency.p50Millis());
        answer.put("p90Millis", latency.p90Millis());
        answer.put("p99Millis", latency.p99Millis());
        answer.put("meanMillis", latency.meanMillis());
        answer.put("count", latency.count());
        answer.put("runMediansMillis", latency.runMediansMillis());
        answer.put("valid", latency.valid());
        answer.put("integerKernelShare", coverage.convolutionShare());
        answer.put("floatKernels", coverage.floatNodes());
        answer.put("machine", latency.after());
        return answer;
    }

    private void print(List<LatencyMeasurement> measured, List<Map<String, Object>> answers) {
        Console console = parent.console();
        double first = measured.getFirst().p50Millis();
        console.print("%9s %9s %9s %8s %9s  %s".formatted("p50 ms", "p90 ms", "p99 ms", "ratio", "integer", "network"));
        for (int i = 0; i < measured.size(); i++) {
            LatencyMeasurement latency = measured.get(i);
            console.print("%9.3f %9.3f %9.3f %8.2f %7.0f %%  %s%s"
                    .formatted(
                            latency.p50Millis(),
                            latency.p90Millis(),
                            latency.p99Millis(),
                            latency.p50Millis() / first,
                            100 * (double) answers.get(i).get("integerKernelShare"),
                            models.get(i),
                            latency.valid() ? "" : "  (runs disagree by more than 5 %: is the machine busy?)"));
        }
    }
}
