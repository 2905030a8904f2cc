package dev.limbeck.workers.gpu;

import dev.limbeck.workflows.BlockOutcome;
import java.util.List;

/** The block library as it lies in the store. @param blocks [block][variant] */
record LibraryArtifact(List<List<BlockOutcome>> blocks) {

    BlockOutcome block(int block, int variant) {
        return blocks.get(block).get(variant);
    }
}
