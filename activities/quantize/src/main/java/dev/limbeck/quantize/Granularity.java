package dev.limbeck.quantize;

import dev.limbeck.schemas.BadInputException;

/** How many values of a weight share a scale. */
public sealed interface Granularity {

    /** One scale for the whole tensor. */
    record PerTensor() implements Granularity {}

    /** One scale for each output channel. */
    record PerChannel() implements Granularity {}

    /**
     * One scale for each {@code size} input channels of each output channel.
     *
     * @param size of a block; the last one may be smaller
     */
    record Blockwise(int size) implements Granularity {
        public Blockwise {
            if (size < 1) {
                throw new BadInputException("block size is " + size + "; give 1 or more");
            }
        }
    }

    Granularity PER_TENSOR = new PerTensor();
    Granularity PER_CHANNEL = new PerChannel();

    static Granularity blockwise(int size) {
        return new Blockwise(size);
    }

    /** In words for a report. */
    default String describe() {
        return switch (this) {
            case PerTensor one -> "one scale a tensor";
            case PerChannel each -> "one scale a channel";
            case Blockwise blocks -> "one scale for " + blocks.size() + " input channels of each output channel";
        };
    }
}
