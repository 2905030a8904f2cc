package dev.limbeck.search;

import java.util.List;
import java.util.stream.IntStream;

/**
 * One network of a space; plain data.
 *
 * @param choices for each block the index of its choice
 */
public record Architecture(List<Integer> choices) {

    public Architecture {
        choices = List.copyOf(choices);
    }

    /**
     * Looks up this network's entries in a table of all choices: its noise-to-signal ratios, its blocks' graphs.
     *
     * @param table for each block one entry a choice
     * @return one entry a block
     */
    public <T> List<T> pick(List<List<T>> table) {
        if (table.size() != choices.size()) {
            throw new IllegalArgumentException("a table of " + table.size() + " blocks for " + choices.size());
        }
        return IntStream.range(0, choices.size())
                .mapToObj(b -> table.get(b).get(choices.get(b)))
                .toList();
    }

    /** The choices by their short names, in the blocks' order. */
    public List<String> labels(SearchSpace space) {
        return pick(space.choices()).stream().map(BlockChoice::label).toList();
    }
}
