package dev.limbeck.search;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a space holds, known before any work; plain data. Costs are exact: multiply-accumulates and parameters of a network are the
 * sums over its parts.
 *
 * @param variants block variants in all, of which {@code trainedVariants} must be trained
 * @param architectures networks
 * @param reference cost of the reference
 * @param fixed cost of what stays as it is: stem and head
 * @param blocks cost of each block's choices
 */
public record SpaceProfile(
        int variants,
        int trainedVariants,
        BigInteger architectures,
        Cost reference,
        Cost fixed,
        List<List<Cost>> blocks) {

    public SpaceProfile {
        blocks = blocks.stream().map(List::copyOf).toList();
    }

    /** Least and most. */
    public record Range(long least, long most) {}

    public static SpaceProfile of(Graph reference, SearchSpace space) {
        Cost whole = Cost.of(reference);
        long macs = whole.macs();
        long parameters = whole.parameters();
        List<List<Cost>> blocks = new ArrayList<>();
        for (int b = 0; b < space.blocks().size(); b++) {
            Block block = space.blocks().get(b);
            Cost own = Cost.of(VariantBuilder.build(reference, block, BlockChoice.reference(), 0));
            macs -= own.macs();
            parameters -= own.parameters();
            blocks.add(space.choices().get(b).stream()
                    .map(c -> c.layer() == LayerType.REFERENCE ? own : Cost.of(VariantBuilder.build(block, c, 0)))
                    .toList());
        }
        return new SpaceProfile(
                space.variants(),
                space.trainedVariants(),
                space.architectures(),
                whole,
                new Cost(macs, parameters),
                blocks);
    }

    public Cost cost(Architecture architecture) {
        long macs = fixed.macs();
        long parameters = fixed.parameters();
        for (Cost cost : architecture.pick(blocks)) {
            macs += cost.macs();
            parameters += cost.parameters();
        }
        return new Cost(macs, parameters);
    }

    public Range macs() {
        return range(fixed.macs(), Cost::macs);
    }

    public Range parameters() {
        return range(fixed.parameters(), Cost::parameters);
    }

    /** MACs of each block's choices. */
    public List<List<Long>> blockMacs() {
        return blocks.stream().map(b -> b.stream().map(Cost::macs).toList()).toList();
    }

    private Range range(long start, ToLongFunction<Cost> figure) {
        long least = start;
        long most = start;
        for (List<Cost> choices : blocks) {
            least += choices.stream().mapToLong(figure).min().orElseThrow();
            most += choices.stream().mapToLong(figure).max().orElseThrow();
        }
        return new Range(least, most);
    }
}
