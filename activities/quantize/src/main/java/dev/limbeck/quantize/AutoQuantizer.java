package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.quantize.RoundingOptions.Method;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Tries ways to quantize a network, the cheapest first, until one is accurate enough. */
public final class AutoQuantizer {

    /** Scales that SeqMSE tries for each channel, as AIMET does. */
    private static final int CANDIDATES = 20;

    /** SmoothQuant's alpha that its authors found best for most networks (Xiao et al. 2023). */
    private static final double SMOOTHING = 0.5;

    private final Graph network;
    private final FloatTensor images;
    private final ToDoubleFunction<Graph> accuracy;
    private final LayerCheckpoints memory;
    private final Progress progress;

    private final List<Attempt> attempts = new ArrayList<>();
    private Attempt best;
    private Quantized quantized;

    private AutoQuantizer(
            Graph network,
            FloatTensor images,
            ToDoubleFunction<Graph> accuracy,
            LayerCheckpoints memory,
            Progress progress) {
        this.network = network;
        this.images = images;
        this.accuracy = accuracy;
        this.memory = memory;
        this.progress = progress;
    }

    /**
     * One way that was tried.
     *
     * @param seconds that it took, with telling its accuracy
     * @param steps what was done
     * @param remembered whether it is known from an earlier run
     */
    public record Attempt(
            QuantizeOptions options, double accuracy, double seconds, List<String> steps, boolean remembered) {
        public Attempt {
            steps = List.copyOf(steps);
        }

        private byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeDouble(accuracy);
                out.writeDouble(seconds);
                out.writeInt(steps.size());
                for (String step : steps) {
                    out.writeUTF(step);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("writing to memory failed", e);
            }
            return bytes.toByteArray();
        }

        private static Attempt read(QuantizeOptions options, byte[] bytes) {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
                double accuracy = in.readDouble();
                double seconds = in.readDouble();
                List<String> steps = new ArrayList<>();
                for (int i = in.readInt(); i > 0; i--) {
                    steps.add(in.readUTF());
                }
                return new Attempt(options, accuracy, seconds, steps, true);
            } catch (IOException e) {
                throw new UncheckedIOException("what is remembered of a try is cut off", e);
            }
        }
    }

    /**
     * @param quantized the most accurate network found
     * @param floatAccuracy of the network before
     * @param accuracy of the most accurate one
     * @param goalMet whether the accuracy drop is within the goal
     * @param best of the attempts
     */
    public record Outcome(
            Quantized quantized,
            double floatAccuracy,
            double accuracy,
            boolean goalMet,
            Attempt best,
            List<Attempt> attempts) {
        public Outcome {
            attempts = List.copyOf(attempts);
        }

        /** In words, where it is missed. @param goal that was asked for */
        public Optional<String> missed(double goal) {
            return goalMet
                    ? Optional.empty()
                    : Optional.of(
                            ("the goal is missed: %.2f %% on validation images, %.2f %% in floats, and no more than"
                                            + " %.2f points may be lost; the best network was taken")
                                    .formatted(100 * accuracy, 100 * floatAccuracy, 100 * goal));
        }
    }

    /** As {@link #quantize(Graph, FloatTensor, QuantizeOptions, ToDoubleFunction, double, LayerCheckpoints, Progress)}, remembering
     * nothing. */
    public static Outcome quantize(
            Graph network,
            FloatTensor calibrationImages,
            QuantizeOptions base,
            ToDoubleFunction<Graph> accuracy,
            double goal,
            Progress progress) {
        return quantize(network, calibrationImages, base, accuracy, goal, LayerCheckpoints.NONE, progress);
    }

    /**
     * Calibrations, then bias correction, equalization and SmoothQuant on top of the best of them, then SeqMSE, AdaRound and block
     * reconstruction.
     *
     * @param base settings that every attempt keeps: formats, granularity, percentile, iterations and seed of rounding, threads
     * @param accuracy of a graph, higher is better; on images that no report uses
     * @param goal largest drop of accuracy that is good enough, in the unit of {@code accuracy}
     * @param memory of this network with these images and this accuracy, and no others: what was tried before is not tried again
     * @throws BadInputException if an accuracy is no finite number, and as {@link Quantizer#quantize}
     */
    public static Outcome quantize(
            Graph network,
            FloatTensor calibrationImages,
            QuantizeOptions base,
            ToDoubleFunction<Graph> accuracy,
            double goal,
            LayerCheckpoints memory,
            Progress progress) {
        return new AutoQuantizer(network, calibrationImages, accuracy, memory, progress).search(base, goal);
    }

    private Outcome search(QuantizeOptions base, double goal) {
        double floatAccuracy = floatAccuracy();
        List<Supplier<QuantizeOptions>> ways = ways(base);
        for (Supplier<QuantizeOptions> way : ways) {
            progress.report("try methods", attempts.size(), ways.size(), describeBest());
            attempt(way.get());
            if (best.accuracy() >= floatAccuracy - goal) {
                break;
            }
        }
        if (quantized == null) {
            quantized = Quantizer.quantize(network, images, best.options(), memory, progress);
        }
        progress.report("try methods", ways.size(), ways.size(), describeBest());
        boolean met = best.accuracy() >= floatAccuracy - goal;
        return new Outcome(quantized, floatAccuracy, best.accuracy(), met, best, attempts);
    }

    private double floatAccuracy() {
        return memory.once("accuracy in floats", () -> accuracy(network, "of the network in floats"));
    }

    /** @param what messages say of whom it is */
    private double accuracy(Graph graph, String what) {
        double value = accuracy.applyAsDouble(graph);
        if (!Double.isFinite(value)) {
            // no other would ever be better
            throw new BadInputException(
                    "the accuracy " + what + " is " + value
                            + ", by which nothing can be chosen; accuracies must be finite numbers, larger ones for better networks");
        }
        return value;
    }

    /** The cheapest first; each builds on the best before it. */
    private List<Supplier<QuantizeOptions>> ways(QuantizeOptions base) {
        List<Supplier<QuantizeOptions>> ways = new ArrayList<>();
        ways.add(() -> base.toBuilder().calibration(Calibration.MINMAX).build());
        if (!base.activations().isFloat()) {
            ways.add(() -> base.toBuilder().calibration(Calibration.SQNR).build());
            ways.add(() -> base.toBuilder().calibration(Calibration.PERCENTILE).build());
        }
        ways.add(better(b -> b.biasCorrection(true)));
        ways.add(better(b -> b.equalize(true).biasCorrection(true)));
        if (network.nodes().stream().anyMatch(node -> node.op().equals("MatMul"))) {
            ways.add(better(b -> b.smoothQuant(SMOOTHING)));
        }
        if (!base.weights().isFloat()) {
            RoundingOptions rounding = base.rounding();
            RoundingOptions scales = rounding.toBuilder().candidates(CANDIDATES).build();
            // learned rounding makes up for shifted means by itself
            ways.add(better(b -> b.rounding(scales)));
            ways.add(better(
                    b -> b.rounding(scales.toBuilder().method(Method.ADAROUND).build())
                            .biasCorrection(false)));
            ways.add(better(b -> b.rounding(scales.toBuilder()
                            .method(Method.BLOCK_RECONSTRUCTION)
                            .build())
                    .biasCorrection(false)));
        }
        return ways;
    }

    private Supplier<QuantizeOptions> better(Function<QuantizeOptions.Builder, QuantizeOptions.Builder> change) {
        return () -> change.apply(best.options().toBuilder()).build();
    }

    private void attempt(QuantizeOptions options) {
        String key = "try " + LayerCheckpoints.describe(options);
        Optional<byte[]> known = memory.recall(key);
        Attempt attempt;
        Quantized made = null;
        if (known.isPresent()) {
            attempt = Attempt.read(options, known.get());
        } else {
            long start = System.nanoTime();
            made = Quantizer.quantize(network, images, options, memory, progress);
            double reached = accuracy(made.graph(), "by " + String.join(", ", made.steps()));
            attempt = new Attempt(options, reached, (System.nanoTime() - start) / 1e9, made.steps(), false);
            memory.remember(key, attempt.bytes());
        }
        attempts.add(attempt);
        if (best == null || attempt.accuracy() > best.accuracy()) {
            best = attempt;
            quantized = made;
        }
    }

    private String describeBest() {
        return best == null ? "" : String.format(Locale.ROOT, "best accuracy %.4f", best.accuracy());
    }
}
