package dev.limbeck.analyze;

import dev.limbeck.analyze.Analysis.CompressedLayer;
import dev.limbeck.analyze.Analysis.Finding;
import dev.limbeck.analyze.Analysis.LayerActivation;
import dev.limbeck.analyze.Analysis.LayerSensitivity;
import dev.limbeck.analyze.Analysis.LayerWeights;
import dev.limbeck.analyze.Analysis.Outcome;
import dev.limbeck.analyze.Analysis.Reason;
import dev.limbeck.analyze.Analysis.Share;
import dev.limbeck.analyze.Analysis.TensorError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What matters most in an analysis, in words that need no other, each with the command that mends it. */
final class Findings {

    private static final int MOST = 3;

    /** An output so far above its error is as good as the float network's for most uses, in decibels. */
    private static final double GOOD = 20;

    /** More of it is no accident, in decibels. */
    private static final double GAIN = 3;

    private static final double HALF = 0.5;

    /** Of accuracy, which nobody minds; where few images judge, their standard error is more. */
    private static final double LITTLE = 0.005;

    private final Analysis analysis;
    private final Commands commands;
    private final Outcome floats;
    private final Outcome quantized;
    private final Optional<Outcome> equalized;
    private final List<Weighed> found = new ArrayList<>();

    private record Weighed(double weight, Finding finding) {}

    private Findings(Analysis analysis, Commands commands) {
        this.analysis = analysis;
        this.commands = commands;
        this.floats = analysis.outcomes().get(0);
        this.quantized = analysis.outcomes().get(1);
        this.equalized = analysis.outcomes().stream().skip(2).findFirst();
    }

    /** @param analysis complete but for its findings */
    static List<Finding> of(Analysis analysis, Commands commands) {
        Findings findings = new Findings(analysis, commands);
        findings.accuracy();
        findings.arithmetic();
        findings.speed();
        findings.compression();
        findings.size();
        return findings.found.stream()
                .sorted(Comparator.comparingDouble(Weighed::weight).reversed())
                .limit(MOST)
                .map(Weighed::finding)
                .toList();
    }

    private void add(double weight, boolean good, String section, String command, String title, String text) {
        found.add(new Weighed(weight, new Finding(good, title, text, command, section)));
    }

    private void accuracy() {
        if (isGood(quantized)) {
            add(
                    40,
                    true,
                    "along",
                    quantized.command(),
                    "%s is as good as floats here".formatted(quantized.name()),
                    "%s. No method beyond plain rounding is needed.".formatted(sentence(quantized)));
            return;
        }
        if (arithmeticIsToBlame()) {
            return;
        }
        boolean mends = equalized
                .filter(after -> after.sqnr() == null || after.sqnr() > quantized.sqnr() + GAIN)
                .isPresent();
        if (mends) {
            equalizationMends(equalized.get());
            return;
        }
        Optional<LayerSensitivity> worst = worst();
        String culprit = worst.filter(
                        layer -> layer.without() > analysis.sensitivity().all() + GAIN)
                .map(layer -> " Left in floats, %s alone would bring the output from %s to %s."
                        .formatted(
                                layer.layer(), decibels(analysis.sensitivity().all()), decibels(layer.without())))
                .orElse(" No single layer is to blame: the error builds up over all of them.");
        add(
                100,
                false,
                "along",
                analysis.data().labelled() ? commands.quantize("--goal", "1%") : commands.quantize("--min-sqnr", "20"),
                "%s loses %s%s"
                        .formatted(
                                quantized.name(),
                                quantized.accuracy() == null
                                        ? "too much"
                                        : "%.1f points".formatted(100 * (floats.accuracy() - quantized.accuracy())),
                                equalized.isPresent() ? ", and equalization does not help" : ""),
                sentence(quantized) + "." + firstWrong() + culprit
                        + (analysis.data().labelled()
                                ? " The command tries other methods, the cheapest first, until no more than a point is"
                                        + " lost."
                                : " The command leaves the activations that cost most in floats."));
    }

    private void equalizationMends(Outcome after) {
        LayerWeights widest = analysis.weights().stream()
                .max(Comparator.comparingDouble(LayerWeights::spread))
                .orElseThrow();
        String title = widest.spread() > 10
                ? "Channels of one layer differ %s, too much for the steps of one grid".formatted(fold(widest.spread()))
                : "The channels of its layers differ too much for one grid";
        String coarse = coarsest()
                .map(activation ->
                        (" All channels of an activation share one grid: half of the channels of %s reach across no"
                                        + " more than %s of its %d steps.")
                                .formatted(
                                        activation.tensor(),
                                        steps(activation.plain().medianSteps()),
                                        activation.plain().gridSteps()))
                .orElse("");
        add(
                100,
                false,
                "weights",
                after.command(),
                title,
                "%s%s. The most uneven layer is %s.%s Equalization rescales the channels so that the network computes the same: %s."
                        .formatted(sentence(quantized), firstWrongShort(), widest.layer(), coarse, sentence(after)));
        if (!isGood(after) && !isSaturated(output(), true)) {
            add(
                    70,
                    false,
                    "along",
                    commands.quantize("--equalize", "--bias-correction"),
                    "Some is still lost after equalization",
                    sentence(after)
                            + ". Bias correction takes out what is systematic in the error; --adaround learns how to"
                            + " round.");
        }
    }

    /** Whether the output as the file says is good, and only what the processor makes of it is not. */
    private boolean arithmeticIsToBlame() {
        return isSaturated(output(), false) && output().get().simulated() >= GOOD;
    }

    /** Whether the runtime's output is farther off than the file's own. */
    private static boolean isSaturated(Optional<TensorError> output, boolean equalized) {
        return output.filter(o -> equalized
                        ? o.equalizedComputed() < Math.min(2 * GOOD, o.equalizedSimulated() - GAIN)
                        : o.computed() < Math.min(2 * GOOD, o.simulated() - GAIN))
                .isPresent();
    }

    private Optional<TensorError> output() {
        return analysis.alongGraph() == null || analysis.alongGraph().tensors().isEmpty()
                ? Optional.empty()
                : Optional.of(analysis.alongGraph().tensors().getLast());
    }

    private void arithmetic() {
        if (output().isEmpty()) {
            return;
        }
        TensorError output = output().get();
        boolean useAfter = output.equalizedSimulated() != null && !arithmeticIsToBlame();
        double simulated = useAfter ? output.equalizedSimulated() : output.simulated();
        double computed = useAfter ? output.equalizedComputed() : output.computed();
        if (isSaturated(output(), useAfter)) {
            add(
                    90,
                    false,
                    "along",
                    useAfter ? commands.quantize("--equalize", "--reduce-range") : commands.quantize("--reduce-range"),
                    "This processor computes something else than the file says",
                    ("Simulated as the file says, the output is at %s; as the runtime computes it here, only at %s."
                                    + " Processors without VNNI add pairs of 8-bit products in 16 bits, which saturate; weights of"
                                    + " 7 bits cannot.%s")
                            .formatted(
                                    decibels(simulated),
                                    decibels(computed),
                                    useAfter ? "" : " " + sentence(quantized) + "."));
        }
    }

    private void speed() {
        if (analysis.speed() == null) {
            return;
        }
        double ratio = analysis.speed().quantizedMillis() / analysis.speed().floatMillis();
        String times = "%.2f ms a query in floats, %.2f ms in integers"
                .formatted(analysis.speed().floatMillis(), analysis.speed().quantizedMillis());
        List<Reason> reasons = analysis.speed().reasons();
        if (ratio < 0.95) {
            add(
                    35,
                    true,
                    "speed",
                    commands.tune().orElse(""),
                    "Integers are %.2f times as fast as floats on this machine".formatted(1 / ratio),
                    times + "." + " Settings of the runtime may make either faster still.");
            return;
        }
        String why = reasons.isEmpty()
                ? ""
                : " What costs most: %s (%s, %.0f µs). %s"
                        .formatted(
                                lower(reasons.getFirst().title()),
                                layers(reasons.getFirst().layers().size()),
                                reasons.getFirst().lostMicros(),
                                reasons.getFirst().mend());
        add(
                60 + Math.min(20, 10 * (ratio - 1)),
                false,
                "speed",
                commands.measure(best().command()).orElse(""),
                ratio > 1.05
                        ? "Integers are slower than floats on this machine: %.2f times the time".formatted(ratio)
                        : "Integers are no faster than floats on this machine",
                times + "." + why);
    }

    private void compression() {
        if (analysis.compression() == null) {
            return;
        }
        double share = 0;
        int count = 0;
        for (CompressedLayer layer : analysis.compression().layers()) {
            boolean easy = layer.shares().stream()
                    .filter(s -> s.ratio() <= HALF)
                    .max(Comparator.comparingDouble(Share::ratio))
                    .filter(s -> s.sqnr() >= GOOD)
                    .isPresent();
            count += easy ? 1 : 0;
            share += easy ? layer.macShare() : 0;
        }
        Optional<String> command = commands.compress(1 - HALF * share);
        if (count > 0 && share > 0.02 && command.isPresent()) {
            add(
                    30 + 40 * share,
                    true,
                    "compression",
                    command.get(),
                    "%s with %.0f %% of the operations could be halved".formatted(capital(layers(count)), 100 * share),
                    "Cut to half by %s, one at a time, each leaves the output at %.0f dB or better. Together they cost more; the command"
                                    .formatted(analysis.compression().scheme(), GOOD)
                            + " chooses a share for each layer, and --epochs has the smaller network learn again.");
        }
    }

    private void size() {
        double ratio = (double) floats.bytes() / quantized.bytes();
        add(
                10,
                true,
                "summary",
                best().command(),
                "The file shrinks to %.0f %%".formatted(100 / ratio),
                "%.0f kB in floats, %.0f kB in integers.".formatted(floats.bytes() / 1e3, quantized.bytes() / 1e3));
    }

    private Outcome best() {
        return isGood(quantized) ? quantized : equalized.filter(this::isGood).orElse(quantized);
    }

    private boolean isGood(Outcome outcome) {
        if (outcome.accuracy() != null) {
            double noise = Math.sqrt(floats.accuracy()
                    * (1 - floats.accuracy())
                    / analysis.data().judged());
            return outcome.accuracy() >= floats.accuracy() - Math.max(LITTLE, noise);
        }
        return outcome.sqnr() == null || outcome.sqnr() >= GOOD;
    }

    private Optional<LayerSensitivity> worst() {
        return analysis.sensitivity() == null
                ? Optional.empty()
                : analysis.sensitivity().layers().stream().min(Comparator.comparingDouble(LayerSensitivity::alone));
    }

    private Optional<LayerActivation> coarsest() {
        return analysis.activations() == null
                ? Optional.empty()
                : analysis.activations().stream()
                        .filter(activation -> activation.plain().channels() > 1)
                        .min(Comparator.comparingDouble(a -> a.plain().medianSteps()));
    }

    private String firstWrong() {
        return analysis.alongGraph() == null || analysis.alongGraph().firstWrong() == null
                ? ""
                : " The first to go wrong is %s (%s)."
                        .formatted(
                                analysis.alongGraph().firstWrong(),
                                analysis.alongGraph().why());
    }

    private String firstWrongShort() {
        return analysis.alongGraph() == null || analysis.alongGraph().firstWrong() == null
                ? ""
                : "; it goes wrong from %s on".formatted(analysis.alongGraph().firstWrong());
    }

    private String sentence(Outcome outcome) {
        String output = outcome.sqnr() == null ? "the same output" : "output at " + decibels(outcome.sqnr());
        return outcome.accuracy() == null
                ? "%s: %s".formatted(outcome.name(), output)
                : "%s: accuracy %.2f %%, %.2f %% in floats, %s"
                        .formatted(outcome.name(), 100 * outcome.accuracy(), 100 * floats.accuracy(), output);
    }

    private static String decibels(double value) {
        return "%.0f dB".formatted(value);
    }

    private static String steps(double count) {
        return count < 1 ? "one" : "%.0f".formatted(Math.ceil(count));
    }

    private static String fold(double ratio) {
        if (ratio >= 1e6) {
            return "%,.0f-million-fold".formatted(ratio / 1e6);
        }
        return ratio >= 1e4 ? "%,.0f-fold".formatted(Math.rint(ratio / 1e3) * 1e3) : "%,.0f-fold".formatted(ratio);
    }

    private static String layers(int count) {
        return count == 1 ? "one layer" : count + " layers";
    }

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    private static String lower(String text) {
        return Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }
}
