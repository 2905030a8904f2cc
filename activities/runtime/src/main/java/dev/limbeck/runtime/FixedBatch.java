package dev.limbeck.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Runs any number of items through a network that takes a fixed number of them at a time, as exporters write it unless told otherwise. */
final class FixedBatch {

    private FixedBatch() {}

    /** How many items a run takes, where all inputs say the same; else 0. */
    static int of(OrtSession session) throws OrtException {
        long batch = 0;
        for (NodeInfo input : session.getInputInfo().values()) {
            long[] shape = input.getInfo() instanceof TensorInfo tensor ? tensor.getShape() : new long[0];
            if (shape.length == 0 || shape[0] < 1 || (batch > 0 && shape[0] != batch)) {
                return 0;
            }
            batch = shape[0];
        }
        return Math.toIntExact(batch);
    }

    /** Whether one run will do, or tell what is wrong. */
    static boolean fits(int batch, Map<String, FloatTensor> inputs) {
        return batch == 0
                || inputs.values().stream().anyMatch(i -> i.shape().length == 0)
                || inputs.values().stream().mapToInt(FloatTensor::batch).distinct().count() != 1
                || inputs.values().iterator().next().batch() == batch;
    }

    /**
     * @param once runs as many items as the network takes; the last run is filled up with its last item
     * @return outputs of all items; a scalar is that of the last run
     */
    static Map<String, FloatTensor> run(
            String network, int batch, Items items, UnaryOperator<Map<String, FloatTensor>> once) {
        Map<String, BatchCollector> collectors = new LinkedHashMap<>();
        Map<String, FloatTensor> outputs = new LinkedHashMap<>();
        for (int from = 0; from < items.count(); from += batch) {
            int start = from;
            int used = Math.min(batch, items.count() - from);
            once.apply(filled(items.slice(from, from + used), batch)).forEach((name, made) -> {
                if (made.shape().length == 0) {
                    outputs.put(name, made);
                    return;
                }
                if (made.batch() % batch != 0) {
                    throw new BadInputException("network '%s' takes %d items at a time and gives '%s' of shape %s for them, which"
                                    .formatted(network, batch, name, Arrays.toString(made.shape()))
                            + " cannot be told apart; export it with a dynamic batch dimension");
                }
                int each = made.batch() / batch;
                collectors
                        .computeIfAbsent(name, n -> new BatchCollector(items.count() * each))
                        .add(start * each, made.slice(0, used * each));
                outputs.put(name, made);
            });
        }
        collectors.forEach((name, collector) -> outputs.put(name, collector.whole()));
        return outputs;
    }

    private static Map<String, FloatTensor> filled(Items some, int batch) {
        if (some.count() == batch) {
            return some.inputs();
        }
        Map<String, FloatTensor> filled = new LinkedHashMap<>();
        some.inputs().forEach((name, value) -> {
            BatchCollector collector = new BatchCollector(batch);
            for (int from = 0; from < batch; from++) {
                int item = Math.min(from, some.count() - 1);
                collector.add(from, value.slice(item, item + 1));
            }
            filled.put(name, collector.whole());
        });
        return filled;
    }
}
