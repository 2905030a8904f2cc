package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.learn.NamedArrays;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.learn.Samples;
import dev.limbeck.quantize.Encodings;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** Quantizes a float network, after training or by more of it. */
@Command(
        name = "quantize",
        mixinStandardHelpOptions = true,
        description = {
            "Quantizes a float network: 8-bit unsigned activations, 8-bit signed weights, 32-bit biases, or"
                    + " what --weights and --activations say.",
            "",
            "The result is an ONNX network of QuantizeLinear and DequantizeLinear nodes that ONNX Runtime runs in integer kernels.",
            "",
            "With --data, images tell the ranges of activations; labels are only used to say the accuracy. Without, the network's"
                    + " batch norms tell them; where these are folded already, synthetic images do, which is less sure.",
            "",
            "With --goal, methods are tried, the cheapest first, until the network is accurate enough on validation"
                    + " images. A goal that is missed is exit code 1; the best network is written all the same.",
            "",
            "With --mixed, each group of layers (what one convolution reads, what an addition adds, weights that are"
                    + " shared) gets the precision with which the network loses least within --budget.",
            "",
            "What takes long is kept in the cache: the same command goes on where it was stopped or killed."
        },
        footer = {
            "",
            "Examples:",
            "  limbeck quantize net.onnx --data fashion-mnist -o net.int8.onnx",
            "  limbeck quantize net.onnx --data photos/ --mean 0.485,0.456,0.406 \\",
            "      --std 0.229,0.224,0.225 -o net.int8.onnx",
            "  limbeck quantize net.onnx --equalize --bias-correction -o net.int8.onnx",
            "  limbeck quantize net.onnx --data fashion-mnist --weights int4 \\",
            "      --adaround -o net.int4.onnx",
            "  limbeck quantize net.onnx --data fashion-mnist --weights int4 \\",
            "      --goal 1%% -o net.int4.onnx",
            "  limbeck quantize net.onnx --data fashion-mnist --mixed 4,8 \\",
            "      --budget 0.5 -o net.mixed.onnx",
            "  limbeck quantize net.onnx --data fashion-mnist --weights int4 \\",
            "      --activations uint4 --qat -o net.int4.onnx",
            "  limbeck quantize net.onnx --data fashion-mnist --bayesian-bits \\",
            "      --strength 0.02 --epochs 6 -o net.bits.onnx"
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
            names = "--images",
            defaultValue = "512",
            paramLabel = "N",
            description = "Images for calibration; default: ${DEFAULT-VALUE}.")
    private int images;

    @Mixin
    private QuantizationMethods methods;

    @Mixin
    private MixedOptions mixed;

    @Option(
            names = "--goal",
            paramLabel = "X%",
            converter = Shares.class,
            description =
                    "Largest loss of accuracy that is good enough, such as 1%% or 0.5%%: methods are tried until it is"
                            + " met, or with --mixed, precisions.")
    private Double goal;

    @Option(
            names = "--encodings",
            paramLabel = "FILE",
            description = "Also writes the scales and zero points as JSON, as AIMET and Qualcomm's tools read them.")
    private Path encodings;

    @Option(
            names = "--encodings-version",
            defaultValue = "1.0.0",
            paramLabel = "VERSION",
            converter = EncodingsVersions.class,
            description = "Of that format: 0.6.1, 1.0.0 or 2.0.0; default: ${DEFAULT-VALUE}.")
    private Encodings.Version encodingsVersion;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description =
                    "Where work is kept that an interrupted command goes on with; default: limbeck/quantize in your cache.")
    private Path cache;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        output.check(model);
        if (encodings != null) {
            OutputFile.checkFile(encodings, "--encodings");
        }
        mixed.check(data != null, goal != null);
        if (mixed.isAsked()) {
            methods.requireNoBits();
        }
        QuantizeOptions options = methods.options(data != null, goal != null && !mixed.isAsked());
        if (goal != null && data == null) {
            throw new BadInputException("--goal needs labelled images to tell accuracies; give some with --data");
        }
        if (images < 1) {
            throw new BadInputException("--images is " + images + "; give 1 or more");
        }
        Graph graph = pixels.read(model);
        try (StopSignal stop = new StopSignal();
                ProgressBar bar = new ProgressBar(parent.console(), System::nanoTime)) {
            Progress progress = stop.cancelling(bar);
            QuantizationAnswer answer = quantize(graph, options, progress);
            Quantized quantized = answer.quantized();
            provenance(graph, options, answer).writeTo(quantized.graph()).write(output.path());
            if (encodings != null) {
                Encodings.of(quantized).write(encodings, encodingsVersion);
            }
            bar.finishLine();
            return say(answer);
        } catch (CancellationException e) {
            parent.console().say("limbeck: stopped; the same command goes on where it was");
            return ExitCodes.STOPPED;
        }
    }

    private QuantizationAnswer quantize(Graph graph, QuantizeOptions options, Progress progress) {
        if (data == null) {
            long start = System.nanoTime();
            Quantized quantized = Quantizer.quantize(graph, options, progress);
            return QuantizationAnswer.withoutData(quantized, (System.nanoTime() - start) / 1e9);
        }
        Path folder = cache != null ? cache : DataOptions.cacheDir().resolve("quantize");
        if (NamedArrays.areFor(graph)) {
            if (goal != null) {
                throw new BadInputException("--goal needs labelled images; the network takes " + graph.inputs());
            }
            if (methods.training().isPresent()) {
                throw new BadInputException(
                        "training needs images of classes; the network takes " + graph.inputs() + "; leave it out");
            }
            Items items = NamedArrays.read(data, graph);
            String digest = NamedArrays.digest(items);
            QuantizationWork work = QuantizationWork.of(graph, items, digest, images, options, progress);
            return answer(work, options, folder, Optional.empty(), chosen -> Optional.empty())
                    .madeOf(digest);
        }
        SampleSplits splits = place.load(data, progress);
        pixels.check(splits);
        QuantizationWork work = QuantizationWork.of(graph, splits, images, options, progress);
        return answer(
                        work,
                        options,
                        folder,
                        Optional.of(splits.validation()),
                        chosen -> training(graph, splits, chosen, progress))
                .madeOf(splits.digest());
    }

    /**
     * @param validation images, if there are any
     * @param training of a network that is quantized so, if it is to be trained
     */
    private QuantizationAnswer answer(
            QuantizationWork work,
            QuantizeOptions options,
            Path folder,
            Optional<Samples> validation,
            Function<QuantizeOptions, Optional<QuantizationWork.Training>> training) {
        Console console = parent.console();
        if (mixed.isAsked()) {
            MixedWork.Chosen chosen = work.mixed(mixed, validation, Optional.ofNullable(goal), folder, console);
            Optional<QuantizationWork.Training> trained = training.apply(chosen.options());
            QuantizationAnswer answer = work.with(chosen.options()).inStages(folder, console, trained);
            boolean judged = goal != null && trained.isPresent();
            return answer.mixed(
                    judged ? work.judged(chosen, answer.quantized(), validation.orElseThrow(), goal) : chosen);
        }
        return goal == null
                ? work.inStages(folder, console, training.apply(options))
                : work.untilGoal(goal, validation.orElseThrow(), folder, console);
    }

    private Optional<QuantizationWork.Training> training(
            Graph graph, SampleSplits splits, QuantizeOptions options, Progress progress) {
        return methods.training()
                .map(training -> new QuantizationWork.Training(
                        training.label(),
                        work -> training.train(
                                graph,
                                splits,
                                images,
                                options,
                                options.rounding().seed(),
                                progress,
                                work)));
    }

    private Provenance provenance(Graph from, QuantizeOptions options, QuantizationAnswer answer) {
        Map<String, String> inputs = new HashMap<>(Map.of("model", from.digest()));
        answer.dataDigest().ifPresent(digest -> inputs.put("data", data + " " + digest));
        String steps = String.join("; ", answer.quantized().steps());
        return Provenance.of("quantize", "1", Map.of("steps", steps, "options", options.toString()), inputs)
                .withSeed(options.rounding().seed());
    }

    private int say(QuantizationAnswer answer) {
        Console console = parent.console();
        long bytes = output.path().toFile().length();
        if (outputOptions.json()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("model", output.path().toString());
            json.put("bytes", bytes);
            if (encodings != null) {
                json.put("encodings", encodings.toString());
            }
            json.putAll(answer.json());
            console.printJson(json);
        } else {
            answer.lines().forEach(console::print);
            console.print("%s, %.1f KiB: %s".formatted(output.path(), bytes / 1024.0, answer.summary()));
        }
        answer.advice().ifPresent(advice -> console.say("limbeck: " + advice));
        answer.warning().ifPresent(warning -> console.say("limbeck: " + warning));
        return answer.warning().isPresent() ? ExitCodes.FAILED : ExitCodes.DONE;
    }

    /** "2.0.0" */
    static final class EncodingsVersions implements ITypeConverter<Encodings.Version> {

        @Override
        public Encodings.Version convert(String text) {
            return Arrays.stream(Encodings.Version.values())
                    .filter(version -> version.text().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                            + Arrays.stream(Encodings.Version.values())
                                    .map(Encodings.Version::text)
                                    .collect(Collectors.joining(", "))));
        }
    }
}
