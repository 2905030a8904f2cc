package dev.limbeck.bench;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.quantize.RoundingOptions;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Limbeck's own quantization methods in the comparison. */
final class QuantizationMethods {

    static final String DATA_FREE = "equalized, without data";
    static final String WITH_IMAGES = "equalized, biases corrected";

    static final String ADAROUND = "AdaRound";
    static final String BLOCKS = "block reconstruction";
    static final String ALL = "equalized, SeqMSE, block reconstruction, biases corrected";

    private static final int THREADS = 1;
    private static final int CANDIDATES = 20;
    private static final int BLOCK_ITERATIONS = 300;
    private static final List<Granularity> BOTH = List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL);
    private static final List<Granularity> CHANNELS = List.of(Granularity.PER_CHANNEL);

    private static final List<Method> METHODS = List.of(
            new Method(8, "", BOTH, true, QuantizationMethods::quantized),
            new Method(
                    8, DATA_FREE, BOTH, true, (network, images, options) -> withoutData(network, corrected(options))),
            new Method(
                    8,
                    WITH_IMAGES,
                    BOTH,
                    true,
                    (network, images, options) -> quantized(network, images, corrected(options))),
            new Method(4, "", BOTH, true, QuantizationMethods::quantized),
            new Method(
                    4,
                    WITH_IMAGES,
                    BOTH,
                    true,
                    (network, images, options) -> quantized(network, images, corrected(options))),
            new Method(
                    4,
                    "SeqMSE",
                    BOTH,
                    false,
                    rounded(RoundingOptions.nearest().toBuilder()
                            .candidates(CANDIDATES)
                            .build())),
            new Method(4, ADAROUND, BOTH, false, rounded(RoundingOptions.adaRound())),
            new Method(
                    4,
                    "equalized, AdaRound",
                    BOTH,
                    true,
                    (network, images, options) ->
                            quantized(network, images, options.equalize(true).rounding(RoundingOptions.adaRound()))),
            new Method(
                    4,
                    ALL,
                    BOTH,
                    true,
                    (network, images, options) ->
                            quantized(network, images, corrected(options).rounding(blocks()))),
            new Method(3, "", CHANNELS, false, QuantizationMethods::quantized),
            new Method(3, ADAROUND, CHANNELS, false, rounded(RoundingOptions.adaRound())),
            new Method(3, BLOCKS, CHANNELS, false, rounded(blocks())),
            new Method(2, "", CHANNELS, false, QuantizationMethods::quantized),
            new Method(2, ADAROUND, CHANNELS, false, rounded(RoundingOptions.adaRound())),
            new Method(2, BLOCKS, CHANNELS, false, rounded(blocks())));

    /**
     * @param steps as in {@link QuantizationRow}
     * @param everywhere also on the networks whose channels are rescaled
     */
    private record Method(
            int bits, String steps, List<Granularity> granularities, boolean everywhere, Quantization quantization) {}

    @FunctionalInterface
    private interface Quantization {
        Graph quantize(Graph network, FloatTensor images, QuantizeOptions.Builder options);
    }

    private static RoundingOptions blocks() {
        return RoundingOptions.blockReconstruction().toBuilder()
                .candidates(CANDIDATES)
                .iterations(BLOCK_ITERATIONS)
                .build();
    }

    private static Quantization rounded(RoundingOptions rounding) {
        return (network, images, options) -> quantized(network, images, options.rounding(rounding));
    }

    private final FloatTensor images;
    private final ImageDataset test;
    private final Path folder;
    private final List<String> unequal = new ArrayList<>();

    /**
     * @param images for calibration
     * @param folder where the quantized networks go
     */
    QuantizationMethods(FloatTensor images, ImageDataset test, Path folder) {
        this.images = images;
        this.test = test;
        this.folder = folder;
    }

    /**
     * @param networkFile name of the float network in the folder
     * @param rescaled whether its channels are, so that few methods have a chance
     */
    List<QuantizationRow> run(String networkFile, boolean rescaled) {
        Graph network = Graph.read(folder.resolve(networkFile));
        List<QuantizationRow> rows = new ArrayList<>();
        for (Method method : METHODS) {
            if (method.everywhere() || !rescaled) {
                method.granularities().forEach(g -> rows.add(run(networkFile, network, method, g)));
            }
        }
        return rows;
    }

    /** Methods that did not give the same bytes a second time. */
    List<String> unequal() {
        return List.copyOf(unequal);
    }

    private QuantizationRow run(String networkFile, Graph network, Method method, Granularity granularity) {
        boolean perChannel = granularity == Granularity.PER_CHANNEL;
        String name = String.format(
                Locale.ROOT,
                "%s.limbeck-W%dA8-%s-%s.onnx",
                networkFile.replace(".onnx", ""),
                method.bits(),
                perChannel ? "channel" : "tensor",
                method.steps().replaceAll("[^a-zA-Z0-9]+", "-"));
        Path model = folder.resolve(name);
        long cpu = cpuNanos();
        long start = System.nanoTime();
        Graph quantized = apply(method, network, granularity);
        quantized.write(model);
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (cpuNanos() - cpu) / 1e9;
        // blocks take minutes, and a test sees to it that they repeat
        boolean repeated = !method.steps().contains(BLOCKS);
        if (repeated && !apply(method, network, granularity).digest().equals(quantized.digest())) {
            unequal.add(name);
        }
        return new QuantizationRow(
                networkFile,
                QuantizationRow.LIMBECK,
                method.bits(),
                perChannel,
                method.steps(),
                Evaluation.accuracy(
                        quantized, test, THREADS, SessionOptions.defaults().withExactSums()),
                seconds,
                cpuSeconds,
                Optional.of(model));
    }

    private Graph apply(Method method, Graph network, Granularity granularity) {
        QuantizeOptions.Builder options = QuantizeOptions.builder()
                .weightBits(method.bits())
                .granularity(granularity)
                .threads(THREADS);
        return method.quantization().quantize(network, images, options);
    }

    private static Graph quantized(Graph network, FloatTensor images, QuantizeOptions.Builder options) {
        return Quantizer.quantize(network, images, options.build()).graph();
    }

    private static Graph withoutData(Graph network, QuantizeOptions.Builder options) {
        return Quantizer.quantize(network, options.build(), Progress.NONE).graph();
    }

    private static QuantizeOptions.Builder corrected(QuantizeOptions.Builder options) {
        return options.equalize(true).biasCorrection(true);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
