package dev.limbeck.learn;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Data in three parts.
 *
 * @param train what networks learn from or are calibrated on
 * @param validation what choices are made by
 * @param test what no choice ever uses
 */
public record SampleSplits(Samples train, Samples validation, Samples test) {

    private static final long SEED = 20_170_825;
    private static final int TENTHS = 10;

    public SampleSplits {
        requireNonNull(train, "train is null");
        requireNonNull(validation, "validation is null");
        requireNonNull(test, "test is null");
    }

    static SampleSplits of(Splits splits) {
        return new SampleSplits(splits.train(), splits.validation(), splits.test());
    }

    /** Eight tenths of each class to learn from, a tenth each for validation and for the test: always the same ones. */
    static SampleSplits of(Samples all) {
        List<List<Integer>> tenths = tenths(all);
        Samples test = part(all, tenths.subList(1, 2));
        Samples validation = part(all, tenths.subList(2, 3));
        List<List<Integer>> rest = new ArrayList<>(tenths.subList(3, TENTHS));
        rest.addFirst(tenths.getFirst());
        return new SampleSplits(part(all, rest), validation, test);
    }

    /** A tenth of each class of the training items becomes the validation items: always the same ones. */
    static SampleSplits of(Samples training, Samples test) {
        List<List<Integer>> tenths = tenths(training);
        List<List<Integer>> rest = new ArrayList<>(tenths);
        List<Integer> held = rest.remove(2);
        return new SampleSplits(part(training, rest), part(training, List.of(held)), test);
    }

    /** In random order, always the same one, so that the first few are of all classes. */
    static Samples shuffled(Samples samples) {
        return samples.subset(Shuffle.permutation(samples.size(), new Random(SEED)));
    }

    /** Positions in random order, the first of each class in the first list, the second in the second, and so on. */
    private static List<List<Integer>> tenths(Samples samples) {
        List<List<Integer>> tenths = new ArrayList<>();
        for (int i = 0; i < TENTHS; i++) {
            tenths.add(new ArrayList<>());
        }
        int[] labels = samples.labels();
        int classes = 1;
        for (int label : labels) {
            classes = Math.max(classes, label + 1);
        }
        int[] seen = new int[classes];
        for (int position : Shuffle.permutation(samples.size(), new Random(SEED))) {
            int label = labels.length == 0 ? 0 : labels[position];
            tenths.get(seen[label]++ % TENTHS).add(position);
        }
        return tenths;
    }

    /** All, where there are too few to leave any. */
    private static Samples part(Samples samples, List<List<Integer>> tenths) {
        int[] positions = tenths.stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .toArray();
        if (positions.length == 0) {
            return samples;
        }
        // one tenth after the other would put all late ones of each class at the end
        int[] order = Shuffle.permutation(positions.length, new Random(SEED));
        for (int i = 0; i < order.length; i++) {
            order[i] = positions[order[i]];
        }
        return samples.subset(order);
    }

    /**
     * As images in memory with labels, which is what networks are trained on.
     *
     * @param network for whose input they are made to fit; without one they keep their size
     * @throws BadInputException if these are no images, have no labels, or do not fit
     */
    public Splits forTraining(Optional<Graph> network) {
        return new Splits(forTraining(train, network), forTraining(validation, network), forTraining(test, network));
    }

    private static ImageDataset forTraining(Samples samples, Optional<Graph> network) {
        if (!samples.isLabelled()) {
            throw new BadInputException("the data have no labels, which training needs; give class folders, or labels"
                    + " beside the images");
        }
        return network.map(samples::fitting).orElse(samples).inMemory();
    }

    /** SHA-256 over the digests of the three parts. */
    public String digest() {
        return Digests.ofText(train.digest() + validation.digest() + test.digest());
    }
}
