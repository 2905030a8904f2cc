package dev.limbeck.compress;

import dev.limbeck.graph.Node;
import java.util.List;

/**
 * Channels that can only go together: those of all tensors that additions, normalizations, depthwise convolutions and activations tie.
 *
 * @param makers convolutions and matrix products whose outputs are these channels
 * @param readers convolutions and matrix products that read them, and can be fitted to what is left
 * @param between nodes with a number for each channel: batch norms, depthwise convolutions, slopes
 */
record ChannelGroup(int channels, List<Node> makers, List<Node> readers, List<Node> between) {

    /** The first maker's output. */
    String name() {
        return makers.getFirst().output(0);
    }
}
