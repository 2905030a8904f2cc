package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputResizing;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Spec;
import dev.limbeck.search.Block;
import dev.limbeck.search.Layout;
import java.util.Map;

/** How large the tensors are that come into blocks when a scenario's images go into the reference. */
final class BlockInputs {

    /** Null where images have the reference's own size, and all blocks with them. */
    private final Map<String, ValueInfo> shapes;

    private BlockInputs(Map<String, ValueInfo> shapes) {
        this.shapes = shapes;
    }

    /** @throws BadInputException if the reference does not take images of the scenario's size */
    static BlockInputs of(Graph reference, Spec.Scenario scenario) {
        Spec.ImageSize size = scenario.imageSize();
        if (size == null) {
            return new BlockInputs(null);
        }
        try {
            return new BlockInputs(
                    ShapeInference.infer(InputResizing.resize(reference, size.height(), size.width()), 1));
        } catch (BadInputException e) {
            throw new BadInputException("scenario '" + scenario.name() + "': imageSize: " + e.getMessage(), e);
        }
    }

    /** A variant of the block for what comes into it. */
    Graph resized(Graph variant, Block block) {
        if (shapes == null) {
            return variant;
        }
        long[] incoming = shapes.get(block.from()).shape();
        if (block.layout() == Layout.TOKENS) {
            return sameTokens(variant, block, incoming);
        }
        return InputResizing.resize(variant, Math.toIntExact(incoming[2]), Math.toIntExact(incoming[3]));
    }

    private static Graph sameTokens(Graph variant, Block block, long[] incoming) {
        if (incoming[1] != block.inHeight()) {
            throw new BadInputException("scenarios[].imageSize: from images of that size " + incoming[1]
                    + " tokens come into block '" + block.name() + "' instead of " + block.inHeight()
                    + "; the number of a transformer's tokens cannot be changed, leave imageSize out");
        }
        return variant;
    }
}
