package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Ranges of activations over the calibration images, read batch by batch: memory does not grow with their number.
 *
 * <p>Histograms need a second pass, with the bounds that the first one found, so that the order of the images does not matter.
 */
final class ActivationRanges {

    /** Input elements of a batch: bounds the memory that all activations of a batch take. */
    private static final int BATCH_ELEMENTS = 1 << 16;

    private final Graph graph;
    private final Items images;
    private final QuantizeOptions options;
    private final Progress progress;

    ActivationRanges(Graph graph, Items images, QuantizeOptions options, Progress progress) {
        this.graph = graph;
        this.images = images;
        this.options = options;
        this.progress = progress;
    }

    /** Of the activations that a plan wants calibrated. */
    Map<String, ValueRange> collect(QuantizationPlan plan) {
        List<String> tensors = plan.toCalibrate();
        Map<String, ValueRange> observed = new LinkedHashMap<>();
        forEach(tensors, 0, (tensor, values) -> observed.merge(tensor, range(tensor, values), ActivationRanges::join));
        if (options.calibration() == Calibration.MINMAX) {
            return observed;
        }
        Map<String, Histogram> histograms = new HashMap<>();
        observed.forEach((tensor, range) -> histograms.put(tensor, Histogram.of(range, options.calibration())));
        forEach(tensors, 1, (tensor, values) -> histograms.get(tensor).add(values));
        observed.replaceAll((tensor, range) ->
                histograms.get(tensor).range(options.calibration(), options.percentile(), plan.format(tensor)));
        return observed;
    }

    /** Items of a batch when activations of this many input elements an item are read. */
    static int batch(Items images) {
        return Math.clamp(BATCH_ELEMENTS / Math.max(1, images.itemSize()), 1, 64);
    }

    private void forEach(List<String> tensors, int pass, BiConsumer<String, float[]> consumer) {
        images.inputs().forEach((input, value) -> {
            if (tensors.contains(input)) {
                consumer.accept(input, value.data());
            }
        });
        List<String> inner =
                tensors.stream().filter(t -> !images.inputs().containsKey(t)).toList();
        if (inner.isEmpty()) {
            return;
        }
        int passes = options.calibration() == Calibration.MINMAX ? 1 : 2;
        int batch = batch(images);
        Activations.forEachBatch(graph, inner, images, batch, options.session(), (from, values) -> {
            values.forEach((tensor, value) -> consumer.accept(tensor, value.data()));
            long done = (long) pass * images.count() + Math.min(images.count(), from + batch);
            progress.report("calibrate", done, (long) passes * images.count(), "");
        });
    }

    private static ValueRange range(String tensor, float[] values) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            if (!(Math.abs(value) < Float.POSITIVE_INFINITY)) {
                throw new BadInputException("tensor '" + tensor + "' takes the value " + value
                        + " on the calibration images, so it has no range; the network or the images are broken");
            }
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        return new ValueRange(min, max);
    }

    private static ValueRange join(ValueRange a, ValueRange b) {
        return new ValueRange(Math.min(a.min(), b.min()), Math.max(a.max(), b.max()));
    }
}
