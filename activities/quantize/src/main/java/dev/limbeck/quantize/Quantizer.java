package dev.limbeck.quantize;

import dev.limbeck.graph.ConstantFolding;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.OperatorSets;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Post-training quantization: from a float network and a few hundred images to a network of integer kernels. All in one call, such as
 * for weights of 4 bits:
 *
 * <pre>{@code
 * Quantized quantized = Quantizer.quantize(
 *         network,
 *         images,
 *         QuantizeOptions.builder()
 *                 .weightBits(4)
 *                 .equalize(true)
 *                 .rounding(RoundingOptions.adaRound().toBuilder()
 *                         .candidates(20)
 *                         .iterations(100)
 *                         .build())
 *                 .biasCorrection(true)
 *                 .build());
 * }</pre>
 */
public final class Quantizer {

    /** Per-channel dequantization came with opset 13. */
    private static final int OPSET = 13;

    private static final int IMAGES_TO_COMPARE = 256;

    /** Share of the outputs' power by which a network may change when its Clips become ReLUs: 20 dB. */
    private static final double TOLERATED_NOISE = 0.01;

    private Quantizer() {}

    /** As {@link #quantize(Graph, FloatTensor, QuantizeOptions, Progress)}, saying nothing. */
    public static Quantized quantize(Graph network, FloatTensor calibrationImages, QuantizeOptions options) {
        return quantize(network, calibrationImages, options, Progress.NONE);
    }

    /**
     * Without any data (Nagel et al. 2019): the network's batch norms tell the ranges of its activations. Asked for, layers are
     * equalized, high biases absorbed, and biases corrected, from batch norms as well. Where batch norms are missing, or do not tell
     * enough, synthetic images take the place of real ones; the steps of the result say so.
     *
     * @param network its pixels' normalisation in its metadata
     * @throws BadInputException as with images; and if batch norms do not tell enough and the input is no image of known size
     */
    public static Quantized quantize(Graph network, QuantizeOptions options, Progress progress) {
        if (options.rounding().needsImages()) {
            throw new BadInputException(
                    "network '" + network.name() + "': weights cannot be rounded by AdaRound, SeqMSE or "
                            + "block reconstruction without calibration images; give some, or leave these out");
        }
        if (options.smoothQuant().isPresent()) {
            throw new BadInputException("network '" + network.name()
                    + "': SmoothQuant needs calibration images; give some, or leave it out");
        }
        if (options.minimumSqnr().isPresent()) {
            throw new BadInputException("network '" + network.name()
                    + "': a least SQNR is measured on calibration images; give some, or leave it out");
        }
        return new DataFreeQuantizer(options, progress).quantize(network);
    }

    /**
     * The same network, images and options give the same bytes.
     *
     * @param network of floats with one input
     * @param calibrationImages [images, ...] as the network's input; labels are not needed, a few hundred are enough
     * @throws BadInputException if the network has several inputs or is quantized already, or the images do not fit it
     */
    public static Quantized quantize(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, Progress progress) {
        return quantize(network, Items.of(network, calibrationImages), options, LayerCheckpoints.NONE, progress);
    }

    /**
     * As {@link #quantize(Graph, FloatTensor, QuantizeOptions, Progress)}, so that it goes on where it was after the process has died.
     *
     * @param checkpoints of this network with these images, and no others
     */
    public static Quantized quantize(
            Graph network,
            FloatTensor calibrationImages,
            QuantizeOptions options,
            LayerCheckpoints checkpoints,
            Progress progress) {
        return quantize(network, Items.of(network, calibrationImages), options, checkpoints, progress);
    }

    /**
     * As {@link #quantize(Graph, FloatTensor, QuantizeOptions, Progress)}, for a network of several inputs, or of inputs of
     * integers.
     *
     * @param calibrationImages what the network takes, such as the tokens of sentences
     */
    public static Quantized quantize(
            Graph network, Items calibrationImages, QuantizeOptions options, Progress progress) {
        return quantize(network, calibrationImages, options, LayerCheckpoints.NONE, progress);
    }

    /**
     * As {@link #quantize(Graph, Items, QuantizeOptions, Progress)}, so that it goes on where it was after the process has died.
     *
     * @param checkpoints of this network with these images and options, and no others
     */
    public static Quantized quantize(
            Graph network,
            Items calibrationImages,
            QuantizeOptions options,
            LayerCheckpoints checkpoints,
            Progress progress) {
        List<String> steps = new ArrayList<>();
        Calibrated calibrated = calibrated(network, calibrationImages, options, steps, progress);
        Graph prepared = calibrated.network();
        QuantizationPlan plan = calibrated.plan();
        Map<String, Encoding> encodings = calibrated.encodings();
        Graph rounded = prepared;
        if (options.rounding().needsImages()) {
            WeightRounding.Rounded made = new WeightRounding(
                            plan, encodings, options, calibrationImages, checkpoints.of(options), progress)
                    .round(prepared);
            rounded = made.graph();
            encodings = made.encodings();
            steps.add(options.rounding().describe());
        }
        if (options.biasCorrection()) {
            rounded = new BiasCorrection(plan, encodings, options, calibrationImages, progress)
                    .correct(prepared, rounded);
            steps.add("biases corrected layer by layer");
        }
        Graph quantized = new QdqWriter(rounded, plan, encodings).write();
        steps.add(options.describeFormats());
        return new Quantized(quantized, encodings, steps);
    }

    /**
     * A float network whose activations have grids.
     *
     * @param network as it will be quantized
     * @param encodings of its activations
     */
    record Calibrated(Graph network, QuantizationPlan plan, Map<String, Encoding> encodings) {}

    /** @param steps gets what was done */
    static Calibrated calibrated(
            Graph network, Items calibrationImages, QuantizeOptions options, List<String> steps, Progress progress) {
        check(network, calibrationImages);
        Graph prepared = prepare(network, calibrationImages, options, steps);
        if (options.smoothQuant().isPresent()) {
            double alpha = options.smoothQuant().getAsDouble();
            SmoothQuant.Smoothed smoothed = new SmoothQuant(prepared, alpha).smooth(calibrationImages, options);
            prepared = smoothed.graph();
            steps.add(smoothed.tensors().size() + " activations smoothed (SmoothQuant, alpha " + alpha + ")");
        }
        if (options.matMulBlockSize() > 0) {
            prepared = MatMulNBits.write(prepared, options);
            steps.add(MatMulNBits.describe(options));
        }
        QuantizationPlan plan = new QuantizationPlan(prepared, options);
        Map<String, ValueRange> ranges =
                new ActivationRanges(prepared, calibrationImages, options, progress).collect(plan);
        steps.add("ranges of " + ranges.size() + " activations from " + calibrationImages.count() + " images ("
                + options.calibration() + ")");
        if (options.minimumSqnr().isPresent()) {
            FloatIslands.Chosen islands =
                    new FloatIslands(prepared, plan, ranges, calibrationImages, options, progress).choose();
            plan = islands.plan();
            steps.add(islands.describe());
        }
        return new Calibrated(prepared, plan, ActivationEncodings.choose(plan, ranges));
    }

    /**
     * With given encodings, such as those that another tool chose: what they name is quantized as they say, everything else stays in
     * floats, but for biases, which follow from input and weight.
     *
     * @param network of floats, as {@link #prepare(Graph)} makes it; the encodings' names are those of its tensors
     * @throws BadInputException if the network is quantized already, or lacks a tensor that is named
     */
    public static Quantized quantize(Graph network, Encodings encodings) {
        Graph prepared = prepare(network);
        QuantizationPlan plan = new QuantizationPlan(prepared, encodings);
        Map<String, Encoding> all = new LinkedHashMap<>();
        encodings.activations().forEach((name, encoding) -> {
            if (!plan.quantized().contains(name)) {
                throw new BadInputException(
                        "network '" + network.name() + "' has no activation '" + name + "', which has an encoding");
            }
            all.put(name, encoding);
        });
        plan.quantized()
                .forEach(name ->
                        all.computeIfAbsent(name, n -> encodings.activations().get(plan.root(n))));
        all.putAll(encodings.parameters());
        Graph quantized = new QdqWriter(prepared, plan, all).write();
        String step = encodings.activations().size() + " activations and "
                + encodings.parameters().size() + " weights as given";
        return new Quantized(quantized, all, List.of("batch norms folded", step));
    }

    /**
     * The float network that quantization begins with, whose tensors encodings name: with batch norms folded, in the operators that
     * have integer kernels, and of the same function.
     */
    public static Graph prepare(Graph network) {
        NetworkChecks.check(network);
        return Canonicalization.of(raised(network));
    }

    /**
     * The float network that quantization with these images and options begins with: as {@link #prepare(Graph)} makes it, and equalized
     * where the options say so.
     *
     * @throws BadInputException as {@link #quantize(Graph, Items, QuantizeOptions, Progress)}
     */
    public static Graph prepare(Graph network, Items calibrationImages, QuantizeOptions options) {
        check(network, calibrationImages);
        return prepare(network, calibrationImages, options, new ArrayList<>());
    }

    /** The same network in an operator set that has what quantization writes. */
    static Graph raised(Graph network) {
        return network.opset() < OPSET ? network.edit().requireOpset(OPSET).build() : network;
    }

    /** As {@link #prepare(Graph)}, for a network whose inputs have dynamic sizes: those of the images. */
    static Graph prepare(Graph network, Items images) {
        NetworkChecks.check(network);
        return Canonicalization.of(raised(network, images), images.itemShapes());
    }

    private static Graph raised(Graph network, Items images) {
        return OperatorSets.raised(ConstantFolding.fold(network), OPSET, images.itemShapes());
    }

    private static Graph prepare(Graph network, Items images, QuantizeOptions options, List<String> steps) {
        Graph raised = raised(network, images);
        Graph canonical = Canonicalization.of(raised, images.itemShapes());
        steps.add("batch norms folded");
        if (!options.equalize()) {
            return options.biasCorrection() ? BiasCorrection.withBiases(canonical) : canonical;
        }
        Graph biased = BiasCorrection.withBiases(canonical);
        return equalized(biased, BatchNormStatistics.of(raised), images, options, steps);
    }

    /** Equalizes through ReLU6 and absorbs high biases where the calibration images show that the network stays the same. */
    private static Graph equalized(
            Graph network, BatchNormStatistics norms, Items images, QuantizeOptions options, List<String> steps) {
        ModelEqualization equalization = new ModelEqualization(network, norms);
        List<ModelEqualization.Equalized> candidates = List.of(
                equalization.equalize(clip -> true, true),
                equalization.equalize(clip -> false, true),
                equalization.equalize(clip -> false, false));
        ModelEqualization.Equalized first = candidates.getFirst();
        ModelEqualization.Equalized chosen = candidates.stream()
                .filter(candidate ->
                        candidate == candidates.getLast() || isAlike(network, candidate.graph(), images, options))
                .findFirst()
                .orElseThrow();
        steps.addAll(chosen.steps());
        if (chosen != first && first.steps().stream().anyMatch(step -> step.contains("Clips"))) {
            steps.add("Clips kept, as the network needs their bounds");
        }
        return chosen.graph();
    }

    /** Whether the outputs on a few images are all but the same. */
    private static boolean isAlike(Graph network, Graph other, Items images, QuantizeOptions options) {
        Items few = images.slice(0, Math.min(images.count(), IMAGES_TO_COMPARE));
        int batch = ActivationRanges.batch(images);
        float[] expected = Inference.run(network, few, batch, options.session()).data();
        float[] actual = Inference.run(other, few, batch, options.session()).data();
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.length; i++) {
            signal += expected[i] * (double) expected[i];
            noise += (expected[i] - actual[i]) * (double) (expected[i] - actual[i]);
        }
        return noise <= TOLERATED_NOISE * signal;
    }

    private static void check(Graph network, Items images) {
        NetworkChecks.check(network);
        if (images.count() == 0) {
            throw new BadInputException("network '" + network.name()
                    + "': no calibration images were given; a few hundred are enough, or none to go by batch norms");
        }
        NetworkChecks.checkData(network, images);
        NetworkChecks.checkVaried(network, images);
    }
}
