package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.runtime.SessionOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Measures networks on this machine. */
@Command(
        name = "measure",
        mixinStandardHelpOptions = true,
        description = {
            "Measures the latency of networks on this machine, one query after the other, by MLPerf's rules.",
            "",
            "Several networks are measured in turns, so that a slow spell of the machine hits all of them. Also says which share of the "
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
            names = "--settings",
            paramLabel = "FILE",
            description = "Settings of ONNX Runtime, as 'limbeck tune -o' writes them, instead of --threads.")
    private Path settingsFile;

    @Mixin
    private QueryOptions query;

    @Option(names = "--quick", description = "A quarter of a second a network instead of some seconds.")
    private boolean quick;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        List<Graph> graphs = models.stream().map(query::read).toList();
        SessionOptions settings = settingsFile == null
                ? SessionOptions.defaults().withThreads(threads)
                : TunedSettings.read(settingsFile, parent.console().json());
        LatencyProtocol protocol = quick ? LatencyProtocol.quick() : LatencyProtocol.standard();
        List<LatencyMeasurement> measured;
        try (ProgressBar progress = new ProgressBar(parent.console(), System::nanoTime)) {
            measured = LatencyMeasurer.ofThisMachine()
                    .measureInterleaved(
                            graphs, query.batch(), Collections.nCopies(graphs.size(), settings), protocol, progress);
        }
        List<Map<String, Object>> answers = new ArrayList<>();
        for (int i = 0; i < graphs.size(); i++) {
            KernelCoverage coverage = KernelCoverage.of(graphs.get(i), settings);
            answers.add(answer(models.get(i), measured.get(i), coverage));
        }
        if (outputOptions.json()) {
            parent.console().printJson(answers);
        } else {
            print(measured, answers);
        }
        return ExitCodes.DONE;
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
        console.print(
                "%9s %9s %9s %8s %9s  %s".formatted("p50 ms", "p90 ms", "p99 ms", "of first", "integer", "network"));
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
