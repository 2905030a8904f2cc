package dev.limbeck.workers.gpu;

import dev.limbeck.compress.NetworkCost;
import dev.limbeck.graph.Graph;
import dev.limbeck.store.Digests;
import java.util.List;
import java.util.Map;

/** Latencies that a device has measured elsewhere. */
final class ShapeCost implements NetworkCost {

    private final Map<String, List<Double>> millis;

    /** @param millis by {@link #key} */
    ShapeCost(Map<String, List<Double>> millis) {
        this.millis = Map.copyOf(millis);
    }

    static String key(List<Graph> networks) {
        return Digests.ofParts(networks.stream().map(Graph::digest).toArray());
    }

    /** @throws UnmeasuredException if they are not known */
    @Override
    public List<Double> of(List<Graph> networks) {
        List<Double> known = millis.get(key(networks));
        if (known == null) {
            throw new UnmeasuredException(networks);
        }
        return known;
    }

    /** Latencies have to be measured before the work can go on. */
    static final class UnmeasuredException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient List<Graph> networks;

        UnmeasuredException(List<Graph> networks) {
            super("latencies of " + networks.size() + " networks are not known");
            this.networks = List.copyOf(networks);
        }

        List<Graph> networks() {
            return networks;
        }
    }
}
