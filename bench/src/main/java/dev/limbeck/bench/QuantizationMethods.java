package dev.limbeck.bench;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
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

    private static final int THREADS = 1;

    /** A method is one line; each runs with one weight scale a tensor and with one a channel. */
    private static final List<Method> METHODS = List.of(
            new Method(8, "", (network, images, options) -> quantized(network, images, options)),
            new Method(8, DATA_FREE, (network, images, options) -> withoutData(network, corrected(options))),
            new Method(8, WITH_IMAGES, (network, images, options) -> quantized(network, images, corrected(options))),
            new Method(4, "", (network, images, options) -> quantized(network, images, options)),
            new Method(4, WITH_IMAGES, (network, images, options) -> quantized(network, images, corrected(options))));

    /** @param steps as in {@link QuantizationRow} */
    private record Method(int bits, String steps, Quantization quantization) {}

    @FunctionalInterface
    private interface Quantization {
        Graph quantize(Graph network, FloatTensor images, QuantizeOptions.Builder options);
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

    /** @param networkFile name of the float network in the folder */
    List<QuantizationRow> run(String networkFile) {
        Graph network = Graph.read(folder.resolve(networkFile));
        List<QuantizationRow> rows = new ArrayList<>();
        for (Method method : METHODS) {
            for (Granularity granularity : List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL)) {
                rows.add(run(networkFile, network, method, granularity));
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
        if (!apply(method, network, granularity).digest().equals(quantized.digest())) {
            unequal.add(name);
        }
        return new QuantizationRow(
                networkFile,
                QuantizationRow.LIMBECK,
                method.bits(),
                perChannel,
                method.steps(),
                Evaluation.accuracy(quantized, test, THREADS),
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
