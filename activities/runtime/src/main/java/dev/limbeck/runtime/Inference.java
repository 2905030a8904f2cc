package dev.limbeck.runtime;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;

/** Runs many items through a network, a batch at a time. */
public final class Inference {

    private Inference() {}

    /**
     * @param items [items, ...]: the network's only input
     * @param batch items a run
     * @return [items, ...]: the network's first output
     */
    public static FloatTensor run(Graph graph, FloatTensor items, int batch, SessionOptions options) {
        try (Session session = Session.open(graph, options)) {
            return run(session, items, batch);
        }
    }

    /** As {@link #run(Graph, FloatTensor, int, SessionOptions)}, for a network of any inputs. */
    public static FloatTensor run(Graph graph, Items items, int batch, SessionOptions options) {
        try (Session session = Session.open(graph, options)) {
            BatchCollector collector = new BatchCollector(items.count());
            for (int from = 0; from < items.count(); from += batch) {
                int to = Math.min(items.count(), from + batch);
                collector.add(
                        from,
                        to - from,
                        session.run(items.slice(from, to).inputs())
                                .values()
                                .iterator()
                                .next());
            }
            return collector.whole();
        }
    }

    /** As {@link #run(Graph, FloatTensor, int, SessionOptions)}, in a session that is already open. */
    public static FloatTensor run(Session session, FloatTensor items, int batch) {
        BatchCollector collector = new BatchCollector(items.batch());
        for (int from = 0; from < items.batch(); from += batch) {
            int to = Math.min(items.batch(), from + batch);
            collector.add(from, to - from, session.run(items.slice(from, to)));
        }
        return collector.whole();
    }
}
