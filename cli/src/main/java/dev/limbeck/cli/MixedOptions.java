package dev.limbeck.cli;

import dev.limbeck.quantize.MixedSearch;
import dev.limbeck.quantize.OutputLoss;
import dev.limbeck.quantize.Precision;
import dev.limbeck.schemas.BadInputException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Whether layers are quantized to different numbers of bits, and by what these are chosen. */
final class MixedOptions {

    @Option(
            names = "--mixed",
            paramLabel = "LIST",
            converter = Precisions.class,
            description =
                    "Mixed precision without training: chooses for each group of layers from these numbers of bits"
                            + " (4,8 for every pair of weights and activations), pairs (w4a8,w8a8) and float.")
    private List<Precision> precisions;

    @Option(
            names = "--budget",
            paramLabel = "X|TIME",
            converter = Budgets.class,
            description =
                    "Of --mixed: share of the 8-bit network's bit-operations, such as 0.5, or latency measured on this"
                            + " machine, one thread, such as 0.4ms; --goal in its place finds the cheapest that meets it.")
    private Budget budget;

    @Option(
            names = "--mixed-search",
            defaultValue = "EXACT",
            paramLabel = "NAME",
            description = "Of --mixed: exact (least sum of losses) or greedy (as AIMET does it); default: exact.")
    private MixedSearch search;

    @Option(
            names = "--sensitivity",
            paramLabel = "NAME",
            description =
                    "Of --mixed, what a group loses: kl or mse of the outputs on calibration images, or accuracy on"
                            + " validation images; default: kl for networks of classes, else mse.")
    private Sensitivity sensitivity;

    /** How losses are measured. */
    enum Sensitivity {
        KL,
        MSE,
        ACCURACY
    }

    /**
     * What the network may cost.
     *
     * @param share of the 8-bit network's bit-operations; 0 if it is a time
     * @param millis of latency; 0 if it is a share
     */
    record Budget(double share, double millis) {
        boolean isLatency() {
            return millis > 0;
        }
    }

    boolean isAsked() {
        return precisions != null;
    }

    /** @throws BadInputException if options do not go together, or with the rest of the command */
    void check(boolean data, boolean goal) {
        if (!isAsked()) {
            if (budget != null || sensitivity != null) {
                throw new BadInputException((budget != null ? "--budget" : "--sensitivity")
                        + " is of no use without --mixed; give both, or leave it out");
            }
            return;
        }
        if (!data) {
            throw new BadInputException("--mixed cannot do without data; give some with --data");
        }
        if (goal == (budget != null)) {
            throw new BadInputException("--mixed needs to know how far to go; give " + (goal ? "either " : "")
                    + "--budget, such as 0.5 for half of the 8-bit network's bit-operations, or --goal");
        }
    }

    List<Precision> precisions() {
        return precisions;
    }

    Optional<Budget> budget() {
        return Optional.ofNullable(budget);
    }

    MixedSearch search() {
        return search;
    }

    boolean byAccuracy() {
        return sensitivity == Sensitivity.ACCURACY;
    }

    /** Empty where it depends on the network. */
    Optional<OutputLoss> loss() {
        return sensitivity == null ? Optional.empty() : Optional.of(OutputLoss.valueOf(sensitivity.name()));
    }

    /** "4,8" */
    static final class Precisions implements ITypeConverter<List<Precision>> {

        @Override
        public List<Precision> convert(String text) {
            try {
                return Precision.parse(text);
            } catch (BadInputException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** "0.5", "50%", "0.4ms", "400us" */
    static final class Budgets implements ITypeConverter<Budget> {

        private static final Pattern WRITTEN = Pattern.compile("(\\d*\\.?\\d+) ?(%|us|ms|s)?");

        @Override
        public Budget convert(String text) {
            Matcher matcher = WRITTEN.matcher(text);
            double number = matcher.matches() ? Double.parseDouble(matcher.group(1)) : 0;
            if (!(number > 0)) {
                throw new TypeConversionException("'" + text
                        + "' is no budget; give a share of bit-operations such as 0.5, or a latency such as 0.4ms");
            }
            return switch (matcher.group(2)) {
                case null -> new Budget(number, 0);
                case "%" -> new Budget(number / 100, 0);
                case "us" -> new Budget(0, number / 1000);
                case "ms" -> new Budget(0, number);
                default -> new Budget(0, number * 1000);
            };
        }
    }
}
