package dev.limbeck.search;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Splice;
import java.util.List;

/** Puts block variants into the reference, in place of its own blocks. */
public final class Assembler {

    private Assembler() {}

    /**
     * @param blocks of the reference
     * @param variants for each block its graph: one input, one output
     * @return the whole network, with the reference's inputs, outputs and metadata; nodes of a block are named after it
     */
    public static Graph assemble(Graph reference, List<Block> blocks, List<Graph> variants) {
        if (blocks.size() != variants.size()) {
            throw new IllegalArgumentException(blocks.size() + " blocks and " + variants.size() + " variants");
        }
        Graph network = reference;
        for (int b = 0; b < blocks.size(); b++) {
            Block block = blocks.get(b);
            network = Splice.replace(network, block.from(), block.to(), variants.get(b), block.name() + ".");
        }
        return network;
    }
}
