package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Data-free quantization (Nagel et al. 2019): batch norms tell what images would, the ranges and the means of activations.
 *
 * <p>Equalization, high-bias absorption, ranges, analytic bias correction, in this order.
 */
final class DataFreeQuantizer {

    private final QuantizeOptions options;
    private final Progress progress;
    private final List<String> steps = new ArrayList<>();

    DataFreeQuantizer(QuantizeOptions options, Progress progress) {
        this.options = options;
        this.progress = progress;
    }

    Quantized quantize(Graph network) {
        NetworkChecks.check(network);
        Graph raised = Quantizer.raised(network);
        BatchNormStatistics norms = BatchNormStatistics.of(raised);
        check(raised, norms);
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
        QuantizationPlan plan = new QuantizationPlan(prepared, options);
        Map<String, ChannelStatistics> statistics = new StatisticsPropagation(prepared, norms).run();
        Map<String, ValueRange> ranges = ranges(prepared, plan, statistics);
        steps.add("ranges of " + ranges.size() + " activations from batch norms, without data");
        Map<String, Encoding> encodings = ActivationEncodings.choose(plan, ranges);
        if (options.biasCorrection()) {
            progress.report("quantize", 2, 3, "correct biases");
            new QdqWriter(prepared, plan, encodings, options).write(); // chooses the weights' encodings
            prepared = new AnalyticBiasCorrection(statistics, encodings).correct(prepared);
            steps.add("biases corrected by the means that batch norms tell");
        }
        Graph quantized = new QdqWriter(prepared, plan, encodings, options).write();
        steps.add(options.weights() + " weights, " + options.granularity().describe());
        progress.report("quantize", 3, 3, "");
        return new Quantized(quantized, encodings, steps);
    }

    private static void check(Graph network, BatchNormStatistics norms) {
        String label = "network '" + network.name() + "'";
        if (norms.tensors().isEmpty()) {
            throw new BadInputException(label + " has no batch norms (exporters may fold them into convolutions), so"
                    + " nothing tells the ranges of its activations; give unlabelled images with --data, or export it"
                    + " with its batch norms");
        }
        if (InputNormalization.of(network).isEmpty()) {
            throw new BadInputException(label
                    + " does not say how its pixels are normalised, so the range of its input '"
                    + network.inputs().getFirst().name() + "' is not known without data; give unlabelled images with"
                    + " --data, or write its metadata '" + InputNormalization.MEAN_KEY + "' and '"
                    + InputNormalization.STD_KEY + "', on pixels divided by 255");
        }
    }

    private static Map<String, ValueRange> ranges(
            Graph network, QuantizationPlan plan, Map<String, ChannelStatistics> statistics) {
        Map<String, ValueRange> ranges = new LinkedHashMap<>();
        for (String tensor : plan.toCalibrate()) {
            ChannelStatistics known = statistics.get(tensor);
            if (known == null || !known.isFinite()) {
                String maker = network.producer(tensor)
                        .map(node -> "node '" + node.label() + "' (" + node.op() + ")")
                        .orElse("the input");
                throw new BadInputException("network '" + network.name() + "': the range of '" + tensor + "', which "
                        + maker + " makes, does not follow from batch norms; give unlabelled images with --data");
            }
            ranges.put(tensor, known.range());
        }
        return ranges;
    }
}
