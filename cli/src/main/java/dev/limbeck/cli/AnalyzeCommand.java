package dev.limbeck.cli;

import dev.limbeck.analyze.Analysis;
import dev.limbeck.analyze.Analysis.Finding;
import dev.limbeck.analyze.Analysis.Outcome;
import dev.limbeck.analyze.AnalysisData;
import dev.limbeck.analyze.AnalyzeOptions;
import dev.limbeck.analyze.Analyzer;
import dev.limbeck.compress.CompressScheme;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.NamedArrays;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.NumberFormat;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Target;
import dev.limbeck.schemas.Progress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says what quantization and compression do to a network, and why. */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        description = {
            "Says what quantization and compression do to a network, layer by layer, and why: one HTML page that opens"
                    + " anywhere.",
            "",
            "The network is quantized as 'limbeck quantize' does it, plainly and equalized first. The page says which"
                    + " channels differ, how activations lie on their grids, which layers suffer from 8 bits or from being"
                    + " made smaller, where the error comes in, what each layer costs in floats and in integers on this"
                    + " machine, and why integers are slower where they are. At the top stand the three findings that"
                    + " matter most, each with the command that mends it.",
            "",
            "What takes long is kept in the cache: the same command goes on where it was stopped or killed."
        },
        footer = {
            "",
            "Examples:",
            "  limbeck analyze net.onnx --data fashion-mnist",
            "  limbeck analyze net.onnx --data photos/ --layers 20 -o page.html",
            "  limbeck analyze net.onnx --data photos.npz --weights int4 --json"
        })
final class AnalyzeCommand implements Callable<Integer> {

    private static final int IMAGES = 256;

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "A float network.")
    private Path model;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "NAME|PATH",
            completionCandidates = DatasetOptions.Names.class,
            description = "What to look at it with: a dataset (${COMPLETION-CANDIDATES}), " + DataOptions.PATHS
                    + "; with labels accuracies are told, without them how far the output is off. Required.")
    private String data;

    @Mixin
    private DataOptions place;

    @Mixin
    private PixelOptions pixels;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The page to write; default: MODEL.analysis.html in the current folder.")
    private Path output;

    @Option(
            names = "--images",
            defaultValue = "" + IMAGES,
            paramLabel = "N",
            description = "Images for ranges of activations; default: ${DEFAULT-VALUE}.")
    private int images;

    @Option(
            names = "--test-images",
            defaultValue = "2000",
            paramLabel = "N",
            description = "Images for accuracies; default: ${DEFAULT-VALUE}.")
    private int testImages;

    @Option(
            names = "--layers",
            defaultValue = "60",
            paramLabel = "N",
            description = "Layers that are quantized and compressed one by one, the largest of all; default:"
                    + " ${DEFAULT-VALUE}.")
    private int layers;

    @Option(
            names = "--target",
            defaultValue = "onnxruntime-x86",
            paramLabel = "NAME|FILE.json",
            description = "As of 'limbeck quantize'; default: ${DEFAULT-VALUE}.")
    private String target;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            converter = QuantizationMethods.Formats.class,
            description = "As of 'limbeck quantize'; default: int8.")
    private NumberFormat weights;

    @Option(
            names = "--activations",
            paramLabel = "FORMAT",
            converter = QuantizationMethods.Formats.class,
            description = "As of 'limbeck quantize'; default: uint8.")
    private NumberFormat activations;

    @Option(names = "--per-tensor", description = "One scale for each weight, not one for each of its channels.")
    private boolean perTensor;

    @Option(
            names = "--scheme",
            defaultValue = "weight-svd",
            paramLabel = "NAME",
            converter = CompressCommand.Schemes.class,
            completionCandidates = CompressCommand.SchemeNames.class,
            description = "How layers are made smaller: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private CompressScheme scheme;

    @Option(names = "--threads", defaultValue = "1", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description =
                    "Where work is kept that an interrupted command goes on with; default: limbeck/quantize in your"
                            + " cache.")
    private Path cache;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        OutputFile.checkFile(page(), "--output");
        AnalyzeOptions options = options();
        Graph network = pixels.read(model);
        try (StopSignal stop = new StopSignal();
                ProgressBar bar = new ProgressBar(parent.console(), System::nanoTime)) {
            Progress progress = stop.cancelling(bar);
            AnalysisData looked = data(network, options, progress);
            Path folder = cache != null ? cache : DataOptions.cacheDir().resolve("quantize");
            LayerCheckpoints memory =
                    CachedWork.open(folder, parent.console(), "analyze", network.digest(), looked.digest());
            Analysis analysis = Analyzer.analyze(
                    network, looked, options, memory, LatencyMeasurer.ofThisMachine(), Clock.systemUTC(), progress);
            analysis.write(page());
            bar.finishLine();
            say(analysis);
            return ExitCodes.DONE;
        } catch (CancellationException e) {
            parent.console().say("limbeck: stopped; the same command goes on where it was");
            return ExitCodes.STOPPED;
        }
    }

    private Path page() {
        String file = model.getFileName().toString();
        return output != null ? output : Path.of(file.replaceFirst("\\.onnx$", "") + ".analysis.html");
    }

    private AnalyzeOptions options() {
        QuantizeOptions.Builder builder =
                QuantizeOptions.builder().target(Target.of(target)).threads(threads);
        List<String> arguments = new ArrayList<>();
        if (!target.equals("onnxruntime-x86")) {
            arguments.addAll(List.of("--target", target));
        }
        if (weights != null) {
            builder.weights(weights);
            arguments.addAll(List.of("--weights", weights.toString()));
        }
        if (activations != null) {
            builder.activations(activations);
            arguments.addAll(List.of("--activations", activations.toString()));
        }
        if (perTensor) {
            builder.granularity(Granularity.PER_TENSOR);
            arguments.add("--per-tensor");
        }
        if (images != IMAGES) {
            arguments.addAll(List.of("--images", String.valueOf(images)));
        }
        List<String> dataArguments = new ArrayList<>(place.arguments());
        dataArguments.addAll(pixels.arguments());
        return new AnalyzeOptions(
                builder.build(), scheme, images, testImages, layers, model.toString(), data, dataArguments, arguments);
    }

    private AnalysisData data(Graph network, AnalyzeOptions options, Progress progress) {
        if (NamedArrays.areFor(network)) {
            return AnalysisData.of(network, NamedArrays.read(data, network), options);
        }
        SampleSplits splits = place.load(data, progress);
        pixels.check(splits);
        return AnalysisData.of(network, splits, options);
    }

    private void say(Analysis analysis) {
        Console console = parent.console();
        if (outputOptions.json()) {
            console.printJson(analysis.tree());
            console.say(page() + ": the same as a page");
            return;
        }
        for (Outcome outcome : analysis.outcomes()) {
            console.print("%-18s %s%s%,8.0f kB%s"
                    .formatted(
                            outcome.name(),
                            outcome.accuracy() == null ? "" : "accuracy %.2f %%, ".formatted(100 * outcome.accuracy()),
                            outcome.sqnr() == null ? "" : "output SQNR %.1f dB, ".formatted(outcome.sqnr()),
                            outcome.bytes() / 1e3,
                            outcome.p50Millis() == null ? "" : ", %.3f ms".formatted(outcome.p50Millis())));
        }
        for (Finding finding : analysis.findings()) {
            console.print((finding.good() ? "+ " : "! ") + finding.title());
            if (!finding.command().isEmpty()) {
                console.print("    " + finding.command());
            }
        }
        console.print(page() + ": the page with all of it");
    }
}
