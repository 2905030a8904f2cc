package dev.limbeck.search;

import java.util.List;

/**
 * One network of a space; plain data.
 *
 * @param choices for each block the index of its choice
 */
public record Architecture(List<Integer> choices) {

    public Architecture {
        choices = List.copyOf(choices);
    }

    /** The choices by their short names, in the blocks' order. */
    public List<String> labels(SearchSpace space) {
        return space.choices(this).stream().map(BlockChoice::label).toList();
    }
}
