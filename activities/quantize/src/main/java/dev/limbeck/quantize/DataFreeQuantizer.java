package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Data-free quantization (Nagel et al. 2019): batch norms tell what images would, the ranges and the means of activations.
 *
 * <p>Equalization, high-bias absorption, ranges, analytic bias correction, in this order. Where batch norms do not tell enough, synthetic
 * images take the place of real ones.
 */
final class DataFreeQuantizer {

    /** Of synthetic images. */
    private static final long SEED = 1;

    private final QuantizeOptions options;
    private final Progress progress;
    private final List<String> steps = new ArrayList<>();

    DataFreeQuantizer(QuantizeOptions options, Progress progress) {
        this.options = options;
        this.progress = progress;
    }

    Quantized quantize(Graph network) {
        NetworkChecks.checkInput(network);
        NetworkChecks.check(network);
        Graph raised = Quantizer.raised(network);
        BatchNormStatistics norms = BatchNormStatistics.of(raised);
        boolean asksBatchNorms = options.activations().isQuantized() || options.equalize() || options.biasCorrection();
        if (asksBatchNorms && norms.tensors().isEmpty()) {
            return onSyntheticImages(network, "the network has no batch norms, which would tell its ranges");
        }
        Graph prepared = BiasCorrection.withBiases(Canonicalization.of(raised));
        steps.add("batch norms folded");
        if (options.equalize()) {
            progress.report("quantize", 0, 3, "equalize");
            ModelEqualization.Equalized equalized = new ModelEqualization(prepared, norms).equalize();
            prepared = equalized.graph();
            norms = equalized.norms();
            steps.addAll(equalized.steps());
        }
        progress.report("quantize", 1, 3, "ranges from batch norms");
        if (options.matMulBlockSize() > 0) {
            prepared = MatMulNBits.write(prepared, options);
            steps.add(MatMulNBits.describe(options));
        }
        QuantizationPlan plan = new QuantizationPlan(prepared, options);
        Map<String, ChannelStatistics> statistics = new StatisticsPropagation(prepared, norms).run();
        Map<String, ValueRange> ranges = new LinkedHashMap<>();
        for (String tensor : plan.toCalibrate()) {
            ChannelStatistics known = statistics.get(tensor);
            if (known == null || !known.isFinite()) {
                String maker = prepared.producer(tensor)
                        .map(node -> "that node '" + node.label() + "' (" + node.op() + ") makes")
                        .orElse("the input");
                return onSyntheticImages(network, "batch norms do not tell the range of '" + tensor + "', " + maker);
            }
            ranges.put(tensor, known.range());
        }
        steps.add("ranges of " + ranges.size() + " activations from batch norms, without data");
        Map<String, Encoding> encodings = ActivationEncodings.choose(plan, ranges);
        if (options.biasCorrection()) {
            progress.report("quantize", 2, 3, "correct biases");
            new QdqWriter(prepared, plan, encodings).write(); // chooses the weights' encodings
            prepared = new AnalyticBiasCorrection(statistics, encodings).correct(prepared);
            steps.add("biases corrected by the means that batch norms tell");
        }
        Graph quantized = new QdqWriter(prepared, plan, encodings).write();
        steps.add(options.describeFormats());
        progress.report("quantize", 3, 3, "");
        return new Quantized(quantized, encodings, steps);
    }

    /** Real images are better, so what was done is said. */
    private Quantized onSyntheticImages(Graph network, String reason) {
        FloatTensor images = SyntheticImages.forNetwork(network, SEED);
        Quantized quantized = Quantizer.quantize(network, images, options, progress);
        List<String> all = new ArrayList<>();
        all.add(reason + ", so " + images.batch() + " synthetic images take the place of data; real ones are safer");
        all.addAll(quantized.steps());
        return new Quantized(quantized.graph(), quantized.encodings(), all);
    }
}
