package dev.limbeck.search;

import dev.limbeck.schemas.BadInputException;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The blocks of a reference and what each may be replaced by; plain data.
 *
 * @param blocks in the network's order
 * @param choices for each block, at least one
 */
public record SearchSpace(List<Block> blocks, List<List<BlockChoice>> choices) {

    public SearchSpace {
        blocks = List.copyOf(blocks);
        choices = choices.stream().map(List::copyOf).toList();
        if (blocks.isEmpty() || blocks.size() != choices.size()) {
            throw new IllegalArgumentException(blocks.size() + " blocks and choices for " + choices.size());
        }
        for (int b = 0; b < blocks.size(); b++) {
            if (choices.get(b).isEmpty()) {
                throw new BadInputException("block '" + blocks.get(b).name() + "' has no choices");
            }
        }
    }

    /**
     * The same options for every block; of choices that make the same layers (expansion 4 at half width is expansion 2) only the
     * first is kept.
     */
    public static SearchSpace of(List<Block> blocks, SpaceOptions options) {
        return new SearchSpace(
                blocks,
                blocks.stream()
                        .map(b -> distinct(b, options.combinations(b.layout())))
                        .toList());
    }

    private static List<BlockChoice> distinct(Block block, List<BlockChoice> combinations) {
        Set<Object> seen = new HashSet<>();
        return combinations.stream()
                .filter(c -> seen.add(VariantBuilder.make(block, c)))
                .toList();
    }

    /** Number of choices of each block. */
    public List<Integer> cardinalities() {
        return choices.stream().map(List::size).toList();
    }

    /** Block variants in all: what a block library holds. */
    public int variants() {
        return choices.stream().mapToInt(List::size).sum();
    }

    /** Block variants that must be trained: all but the reference's own blocks. */
    public int trainedVariants() {
        return (int) choices.stream()
                .flatMap(List::stream)
                .filter(c -> c.layer() != LayerType.REFERENCE)
                .count();
    }

    /** Networks in the space: the product of the blocks' numbers of choices. */
    public BigInteger architectures() {
        return cardinalities().stream().map(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
    }
}
