package dev.limbeck.compress;

import dev.limbeck.graph.Graph;
import java.util.List;
import java.util.Map;

/** One scheme on one network. */
interface Compressor {

    /** In the order of the graph. */
    List<Unit> units();

    /** The rank, or number of channels, that is left of a unit at a ratio from 0 to 1; its whole size where less would save nothing. */
    int kept(Unit unit, double ratio);

    /**
     * The network with so much left of each of the given units; others stay as they are.
     *
     * @param kept by name of the unit
     */
    Graph compress(Map<String, Integer> kept);

    /** As {@link #compress}, of the same shapes, with any weights. */
    Graph shape(Map<String, Integer> kept);
}
