package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What networks are run on: images in memory, image files, or arrays of numbers; with labels or without. */
public interface Samples {

    int size();

    /** Items {@code from} (inclusive) to {@code to} (exclusive), as a network wants them: [to - from, ...]. */
    FloatTensor batch(int from, int to);

    /** [size] the class of each item; empty where they are not known. */
    int[] labels();

    /** The items at the given positions, in that order. */
    Samples subset(int... positions);

    /**
     * These items as a network wants them.
     *
     * @throws BadInputException if they cannot be made to fit; its message says what the network wants
     */
    Samples fitting(Graph network);

    /** SHA-256 in hexadecimal of items and labels. */
    String digest();

    /**
     * As pixels in memory, which is what networks are trained on.
     *
     * @throws BadInputException if these are no images
     */
    ImageDataset inMemory();

    default boolean isLabelled() {
        return labels().length > 0;
    }

    /** Whether these are pixels, from 0 to 255, that are normalised as a network wants them. */
    default boolean hasPixels() {
        return true;
    }

    /** The first items; all where there are fewer. */
    default Samples take(int count) {
        return subset(IntStream.range(0, Math.min(count, size())).toArray());
    }

    /** Those at the given positions; none where there are none. */
    static int[] labels(int[] labels, int... positions) {
        return labels.length == 0
                ? labels
                : Arrays.stream(positions).map(i -> labels[i]).toArray();
    }

    /**
     * [N, channels, height, width] of a network's only input.
     *
     * @throws BadInputException if it does not take images
     */
    static long[] imageShape(Graph network) {
        if (network.inputs().size() != 1
                || network.inputs().getFirst().shape() == null
                || network.inputs().getFirst().shape().length != 4) {
            throw new BadInputException(
                    "network '%s' has the inputs %s; one of shape [N, channels, height, width] is needed"
                            .formatted(network.name(), network.inputs()));
        }
        return network.inputs().getFirst().shape();
    }

    /** @param classes 0 where they are not known */
    static void requireClasses(Graph network, int classes) {
        long[] made = network.outputs().getFirst().shape();
        if (classes > 0 && made != null && made.length == 2 && made[1] != ValueInfo.DYNAMIC && made[1] != classes) {
            throw new BadInputException("network '%s' tells %d classes apart; the data have %d"
                    .formatted(network.name(), made[1], classes));
        }
    }
}
