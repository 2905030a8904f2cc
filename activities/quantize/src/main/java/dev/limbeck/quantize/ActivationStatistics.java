package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How the values of an activation lie on the grid that quantization gives it.
 *
 * @param tensor its name in the network that is quantized
 * @param grid on which it lies
 * @param least smallest value on the data
 * @param most largest value on the data
 * @param counts of values in equal bins from {@code least} to {@code most}
 * @param channelSteps how many steps of the grid each channel's values reach across; channels are the second dimension, or the last one
 *     where there are three
 */
public record ActivationStatistics(
        String tensor, Encoding grid, double least, double most, long[] counts, double[] channelSteps) {

    private static final int BINS = 64;

    /**
     * @param prepared network as {@link Quantizer#prepare(Graph, Items, QuantizeOptions)} makes it
     * @param options how its activations get their grids
     * @return one entry for each activation with a grid of its own, in the order of the graph
     */
    public static List<ActivationStatistics> of(
            Graph prepared, Items data, QuantizeOptions options, Progress progress) {
        QuantizationPlan plan = new QuantizationPlan(prepared, options);
        List<String> tensors = plan.toCalibrate();
        Map<String, ValueRange> calibrated = new ActivationRanges(prepared, data, options, progress).collect(plan);
        Map<String, Encoding> grids = ActivationEncodings.choose(plan, calibrated);
        Map<String, ChannelRanges> ranges = new LinkedHashMap<>();
        forEach(prepared, tensors, data, options, (tensor, value) -> ranges.computeIfAbsent(
                        tensor, t -> new ChannelRanges(value))
                .add(value));
        Map<String, long[]> counts = new HashMap<>();
        forEach(prepared, tensors, data, options, (tensor, value) -> ranges.get(tensor)
                .count(value, counts.computeIfAbsent(tensor, t -> new long[BINS])));
        List<ActivationStatistics> all = new ArrayList<>();
        for (String tensor : tensors) {
            Encoding grid = grids.get(tensor);
            if (ranges.containsKey(tensor) && !grid.format().isFloat()) {
                ChannelRanges range = ranges.get(tensor);
                double step = grid.scale()[0];
                all.add(new ActivationStatistics(
                        tensor, grid, range.least(), range.most(), counts.get(tensor), range.steps(step)));
            }
        }
        return all;
    }

    /** Half of the channels reach across no more steps of the grid than these. */
    public double medianSteps() {
        double[] sorted = channelSteps.clone();
        Arrays.sort(sorted);
        return sorted[(sorted.length - 1) / 2];
    }

    private static void forEach(
            Graph network,
            List<String> tensors,
            Items data,
            QuantizeOptions options,
            BiConsumer<String, FloatTensor> consumer) {
        data.inputs().forEach((input, value) -> {
            if (tensors.contains(input)) {
                consumer.accept(input, value);
            }
        });
        List<String> inner =
                tensors.stream().filter(t -> !data.inputs().containsKey(t)).toList();
        if (!inner.isEmpty()) {
            int batch = ActivationRanges.batch(data);
            Activations.forEachBatch(
                    network, inner, data, batch, options.session(), (from, values) -> values.forEach(consumer));
        }
    }

    /** Of one tensor. */
    private static final class ChannelRanges {
        private final int inner;
        private final float[] least;
        private final float[] most;

        ChannelRanges(FloatTensor value) {
            long[] shape = value.shape();
            int axis = shape.length == 3 ? 2 : Math.min(1, shape.length - 1);
            int size = 1;
            for (int i = axis + 1; i < shape.length; i++) {
                size *= (int) shape[i];
            }
            inner = size;
            least = new float[axis == 0 ? 1 : (int) shape[axis]];
            most = new float[least.length];
            Arrays.fill(least, Float.POSITIVE_INFINITY);
            Arrays.fill(most, Float.NEGATIVE_INFINITY);
        }

        void add(FloatTensor value) {
            float[] data = value.data();
            for (int i = 0; i < data.length; i++) {
                int channel = i / inner % least.length;
                least[channel] = Math.min(least[channel], data[i]);
                most[channel] = Math.max(most[channel], data[i]);
            }
        }

        double least() {
            float all = Float.POSITIVE_INFINITY;
            for (float value : least) {
                all = Math.min(all, value);
            }
            return all;
        }

        double most() {
            float all = Float.NEGATIVE_INFINITY;
            for (float value : most) {
                all = Math.max(all, value);
            }
            return all;
        }

        void count(FloatTensor value, long[] bins) {
            double from = least();
            double width = (most() - from) / bins.length;
            for (float element : value.data()) {
                bins[width == 0 ? 0 : Math.clamp((int) ((element - from) / width), 0, bins.length - 1)]++;
            }
        }

        double[] steps(double step) {
            double[] steps = new double[least.length];
            Arrays.setAll(steps, c -> Math.max(0, most[c] - (double) least[c]) / step);
            return steps;
        }
    }
}
