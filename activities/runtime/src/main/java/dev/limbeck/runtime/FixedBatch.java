package dev.limbeck.runtime;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Runs any number of items through a network that takes a fixed number of them at a time, as exporters write it unless told otherwise. */
final class FixedBatch {

    private FixedBatch() {}

    /** Whether one run will do, or tell what is wrong. */
    static boolean fits(long batch, Map<String, FloatTensor> inputs) {
        return batch < 1
                || inputs.values().stream().anyMatch(i -> i.shape().length == 0)
                || inputs.values().stream()
                                .mapToInt(FloatTensor::batch)
                                .distinct()
                                .count()
                        != 1
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
                outputs.put(name, made);
                if (made.shape().length > 0) {
                    requireItems(network, batch, name, made);
                    collectors
                            .computeIfAbsent(name, n -> new BatchCollector(items.count()))
                            .add(start, used, made.slice(0, made.batch() / batch * used));
                }
            });
        }
        collectors.forEach((name, collector) -> outputs.put(name, collector.whole()));
        return outputs;
    }

    private static void requireItems(String network, int batch, String name, FloatTensor made) {
        if (made.batch() % batch != 0) {
            throw new BadInputException(
                    "network '%s' takes %d items at a time and gives '%s' of shape %s for them, which"
                                    .formatted(network, batch, name, Arrays.toString(made.shape()))
                            + " cannot be told apart; export it with a dynamic batch dimension");
        }
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
                collector.add(from, 1, value.slice(item, item + 1));
            }
            filled.put(name, collector.whole());
        });
        return filled;
    }
}
