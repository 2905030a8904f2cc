package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.NamedArrays;
import dev.limbeck.learn.Samples;
import dev.limbeck.quantize.Comparison;
import dev.limbeck.quantize.Comparison.Deviation;
import dev.limbeck.quantize.Comparison.Layer;
import dev.limbeck.quantize.RandomItems;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says how far a quantized network is from its float network, layer by layer. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Says how far a quantized network is from its float network, layer by layer, and which layer goes wrong first.",
            "",
            "Each layer is compared twice: simulated, that is as the file says, in floats; and computed as ONNX Runtime does it, in"
                    + " integer kernels. SQNR is the ratio of signal to quantization noise in dB: 8 bits give 20 to 50, 6 dB"
                    + " less is twice the error. A layer has gone wrong if its SQNR is below the threshold, or 20 dB below"
                    + " what it reads."
        },
        footer = {"", "Example:", "  limbeck compare net.onnx net.int8.onnx --data fashion-mnist"})
final class CompareCommand implements Callable<Integer> {

    private static final int LONGEST_NAME = 60;

    @ParentCommand
    private Limbeck parent;

    @Parameters(index = "0", paramLabel = "FLOAT.onnx", description = "A float network.")
    private Path floats;

    @Parameters(index = "1", paramLabel = "QUANTIZED.onnx", description = "What was made of it.")
    private Path quantized;

    @Option(
            names = "--data",
            paramLabel = "NAME|PATH",
            completionCandidates = DatasetOptions.Names.class,
            description = "Images to compare on: a dataset (${COMPLETION-CANDIDATES}), " + DataOptions.PATHS
                    + "; without it, random inputs.")
    private String data;

    @Mixin
    private DataOptions place;

    @Mixin
    private PixelOptions pixels;

    @Option(
            names = "--images",
            defaultValue = "64",
            paramLabel = "N",
            description = "Images, or random inputs, to compare on; default: ${DEFAULT-VALUE}.")
    private int images;

    @Option(
            names = "--threshold",
            defaultValue = "" + Comparison.THRESHOLD,
            paramLabel = "DB",
            description = "SQNR below which a layer has gone wrong; default: ${DEFAULT-VALUE}.")
    private double threshold;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        if (images < 1) {
            throw new BadInputException("--images is " + images + "; give 1 or more");
        }
        Graph original = pixels.read(floats);
        Graph made = Graph.read(quantized);
        try (ProgressBar progress = new ProgressBar(parent.console(), System::nanoTime)) {
            Items items = items(original, progress);
            Comparison.Result result =
                    Comparison.compare(original, made, items, threshold, SessionOptions.defaults(), progress);
            progress.finishLine();
            if (outputOptions.json()) {
                parent.console().printJson(answer(result, items.count()));
            } else {
                print(result, items.count());
            }
        }
        return ExitCodes.DONE;
    }

    private Items items(Graph network, Progress progress) {
        if (data == null) {
            return RandomItems.forNetwork(network, images);
        }
        if (NamedArrays.areFor(network)) {
            Items all = NamedArrays.read(data, network);
            return all.slice(0, Math.min(images, all.count()));
        }
        Samples test = place.load(data, progress).test().fitting(network);
        return Items.of(network, test.batch(0, Math.min(images, test.size())));
    }

    private String source() {
        return data == null ? "random" : data;
    }

    private Map<String, Object> answer(Comparison.Result result, int count) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("float", floats.toString());
        answer.put("quantized", quantized.toString());
        answer.put("data", source());
        answer.put("images", count);
        answer.put("threshold", threshold);
        answer.put("firstWrong", result.firstWrong().map(Layer::tensor).orElse(null));
        answer.put("unmatched", result.unmatched());
        answer.put("layers", result.layers().stream().map(CompareCommand::json).toList());
        return answer;
    }

    private static Map<String, Object> json(Layer layer) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("tensor", layer.tensor());
        entry.put("operator", layer.operator());
        entry.put("quantized", layer.quantized());
        entry.put("rescaled", layer.rescaled());
        entry.put("simulated", json(layer.simulated()));
        entry.put("computed", json(layer.computed()));
        entry.put("wrong", layer.wrong().orElse(null));
        return entry;
    }

    /** An error without bounds is null: JSON has no infinity. */
    private static Map<String, Object> json(Deviation deviation) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("sqnr", deviation.decibels());
        entry.put("largestError", Double.isFinite(deviation.largestError()) ? deviation.largestError() : null);
        return entry;
    }

    private void print(Comparison.Result result, int count) {
        String said = data == null
                ? "%d random inputs; --data gives truer figures".formatted(count)
                : "%d images of %s".formatted(count, data);
        parent.console()
                .print("%d layers compared on %s; %d tensors of the float network were folded or fused away"
                        .formatted(result.layers().size(), said, result.unmatched()));
        parent.console()
                .print(result.firstWrong()
                        .map(layer -> coloured(
                                "red",
                                "the first layer that goes wrong is '%s' (%s): %s"
                                        .formatted(
                                                layer.tensor(),
                                                layer.operator(),
                                                layer.wrong().orElseThrow())))
                        .orElse("no layer goes wrong"));
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"layer", "operator", "simulated dB", "computed dB", "largest error", ""});
        for (Layer layer : result.layers()) {
            rows.add(new String[] {
                shortened(layer.tensor()),
                layer.operator(),
                decibels(layer.simulated()),
                decibels(layer.computed()),
                "%.3g"
                        .formatted(Math.max(
                                layer.simulated().largestError(),
                                layer.computed().largestError())),
                note(layer)
            });
        }
        int[] widths = new int[rows.getFirst().length];
        rows.forEach(row -> {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        });
        for (int i = 0; i < rows.size(); i++) {
            String line = line(rows.get(i), widths);
            boolean wrong = i > 0 && result.layers().get(i - 1).wrong().isPresent();
            parent.console().print(wrong ? coloured("red", line) : line);
        }
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : "…" + name.substring(name.length() - LONGEST_NAME + 1);
    }

    private static String decibels(Deviation deviation) {
        return deviation.decibels() == Deviation.MOST_DECIBELS ? "same" : "%.1f".formatted(deviation.decibels());
    }

    private static String note(Layer layer) {
        List<String> notes = new ArrayList<>();
        if (!layer.quantized()) {
            notes.add("float");
        }
        if (layer.rescaled()) {
            notes.add("channels rescaled");
        }
        layer.wrong().ifPresent(notes::add);
        return String.join(", ", notes);
    }

    /** Words to the left, numbers to the right. */
    private static String line(String[] row, int... widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.length; i++) {
            boolean number = i >= 2 && i < row.length - 1;
            line.append(number ? " ".repeat(widths[i] - row[i].length()) + row[i] : row[i]);
            line.append(number ? "" : " ".repeat(widths[i] - row[i].length())).append("  ");
        }
        return line.toString().stripTrailing();
    }

    private static String coloured(String colour, String text) {
        return Ansi.AUTO.enabled() ? Ansi.ON.string("@|" + colour + " " + text.replace("|@", "| @") + "|@") : text;
    }
}
