package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ValueInfo;

/**
 * Images of an array of bytes, of whose classes no more is known than the labels that occur.
 *
 * @param images with as many classes as its labels tell
 */
record ByteSamples(ImageDataset images) implements Samples {

    /**
     * @param pixels [size, height, width], [size, channels, height, width] or, where only that tells 1 or 3 channels,
     *     [size, height, width, channels]
     * @param labels [size], or empty
     */
    static ByteSamples of(byte[] pixels, int[] shape, int[] labels) {
        int classes = 0;
        for (int label : labels) {
            classes = Math.max(classes, label + 1);
        }
        if (shape.length == 3) {
            return new ByteSamples(new ImageDataset(pixels, labels, 1, shape[1], shape[2], classes, 0, 1));
        }
        boolean channelsLast = isChannels(shape[3]) && !isChannels(shape[1]);
        if (!channelsLast) {
            return new ByteSamples(new ImageDataset(pixels, labels, shape[1], shape[2], shape[3], classes, 0, 1));
        }
        byte[] turned = new byte[pixels.length];
        int channels = shape[3];
        int positions = shape[1] * shape[2];
        for (int i = 0; i < pixels.length; i++) {
            int item = i / (positions * channels);
            int position = i / channels % positions;
            turned[(item * channels + i % channels) * positions + position] = pixels[i];
        }
        return new ByteSamples(new ImageDataset(turned, labels, channels, shape[1], shape[2], classes, 0, 1));
    }

    private static boolean isChannels(int dimension) {
        return dimension == 1 || dimension == 3;
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public FloatTensor batch(int from, int to) {
        return images.batch(from, to);
    }

    @Override
    public int[] labels() {
        return images.labels();
    }

    @Override
    public ByteSamples subset(int... positions) {
        return new ByteSamples(images.subset(positions));
    }

    /** The network may tell more classes apart than occur. */
    @Override
    public ImageDataset fitting(Graph network) {
        long[] made = network.outputs().getFirst().shape();
        boolean more = isLabelled()
                && made != null
                && made.length == 2
                && made[1] != ValueInfo.DYNAMIC
                && made[1] > images.classes();
        return (more ? images.withClasses((int) made[1]) : images).fitting(network);
    }

    @Override
    public ImageDataset inMemory() {
        return images;
    }

    @Override
    public String digest() {
        return images.digest();
    }
}
