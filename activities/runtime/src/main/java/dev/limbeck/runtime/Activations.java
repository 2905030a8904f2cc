package dev.limbeck.runtime;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Reads tensors from the middle of a network. */
public final class Activations {

    private Activations() {}

    /**
     * @param tensors names of tensors that nodes of the graph make
     * @param items [items, ...]: the network's only input
     * @return for each name [items, ...]
     */
    public static Map<String, FloatTensor> collect(
            Graph graph, List<String> tensors, FloatTensor items, int batch, SessionOptions options) {
        Map<String, BatchCollector> collectors = new LinkedHashMap<>();
        tensors.forEach(t -> collectors.put(t, new BatchCollector(items.batch())));
        forEachBatch(
                graph,
                tensors,
                items,
                batch,
                options,
                (from, outputs) -> outputs.forEach(
                        (name, value) -> collectors.get(name).add(from, Math.min(batch, items.batch() - from), value)));
        Map<String, FloatTensor> whole = new LinkedHashMap<>();
        collectors.forEach((name, collector) -> whole.put(name, collector.whole()));
        return whole;
    }

    /**
     * The same without keeping them: for statistics over more data than fits in memory.
     *
     * @param consumer gets the position of each batch's first item and the tensors by name
     */
    public static void forEachBatch(
            Graph graph,
            List<String> tensors,
            FloatTensor items,
            int batch,
            SessionOptions options,
            BiConsumer<Integer, Map<String, FloatTensor>> consumer) {
        forEachBatch(graph, tensors, Items.of(graph, items), batch, options, consumer);
    }

    /** The same for a network of any inputs. */
    public static void forEachBatch(
            Graph graph,
            List<String> tensors,
            Items items,
            int batch,
            SessionOptions options,
            BiConsumer<Integer, Map<String, FloatTensor>> consumer) {
        try (Session session = open(graph, tensors, options)) {
            for (int from = 0; from < items.count(); from += batch) {
                int to = Math.min(items.count(), from + batch);
                consumer.accept(from, session.run(items.slice(from, to).inputs()));
            }
        }
    }

    /** A session whose outputs are the named tensors, for whoever reads several networks in turns. */
    public static Session open(Graph graph, List<String> tensors, SessionOptions options) {
        GraphEditor editor = graph.edit().clearOutputs();
        for (String tensor : tensors) {
            if (graph.producer(tensor).isEmpty()) {
                throw new BadInputException("network '" + graph.name() + "' has no tensor '" + tensor + "'");
            }
            editor.output(ValueInfo.unranked(tensor, ElementType.FLOAT));
        }
        return Session.open(editor.build(), options);
    }
}
