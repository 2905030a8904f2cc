package dev.limbeck.analyze;

import dev.limbeck.graph.Graph;
import dev.limbeck.measure.LatencyMeasurer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The commands that an analysis suggests, as a shell takes them: about the same network and data, and none that would refuse these.
 *
 * @param takesRandom whether the network can be asked what {@code limbeck measure} and {@code limbeck tune} ask
 * @param images whether the data are images, which {@code limbeck compress} needs
 */
record Commands(AnalyzeOptions options, boolean takesRandom, boolean images) {

    private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");
    private static final String QUANTIZED = "int8.onnx";

    static Commands of(Graph network, AnalysisData data, AnalyzeOptions options) {
        return new Commands(options, LatencyMeasurer.takesRandomInputs(network), data.images());
    }

    /** @param more methods */
    String quantize(String... more) {
        List<String> words = about("quantize");
        words.addAll(options.arguments());
        words.addAll(List.of(more));
        words.addAll(List.of("-o", QUANTIZED));
        return shell(words);
    }

    /** @param ratio of the operations that may be left */
    Optional<String> compress(double ratio) {
        if (!images) {
            return Optional.empty();
        }
        List<String> words = about("compress");
        words.addAll(
                List.of("--scheme", options.scheme().toString(), "--ratio", String.format(Locale.ROOT, "%.2f", ratio)));
        words.addAll(List.of("-o", "small.onnx"));
        return Optional.of(shell(words));
    }

    Optional<String> tune() {
        return takesRandom ? Optional.of(shell(List.of("limbeck", "tune", options.model()))) : Optional.empty();
    }

    /** Of the network beside its quantized form. @param quantize that makes it */
    Optional<String> measure(String quantize) {
        return takesRandom
                ? Optional.of(quantize + " && " + shell(List.of("limbeck", "measure", options.model(), QUANTIZED)))
                : Optional.empty();
    }

    private List<String> about(String command) {
        List<String> words = new ArrayList<>(List.of("limbeck", command, options.model(), "--data", options.data()));
        words.addAll(options.dataArguments());
        return words;
    }

    private static String shell(List<String> words) {
        return words.stream().map(Commands::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
