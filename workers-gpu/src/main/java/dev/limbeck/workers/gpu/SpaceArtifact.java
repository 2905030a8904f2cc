package dev.limbeck.workers.gpu;

import dev.limbeck.search.Block;
import dev.limbeck.search.BlockChoice;
import dev.limbeck.search.SearchSpace;
import java.util.List;

/** The planned space as it lies in the store. @param choices [block][variant] */
record SpaceArtifact(List<Block> blocks, List<List<BlockChoice>> choices) {

    SearchSpace space() {
        return new SearchSpace(blocks, choices);
    }
}
