package dev.limbeck.learn;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;

/**
 * Images of one size with a class each, as bytes; the arrays are not copied, whoever hands them over no longer writes to them.
 *
 * @param pixels [size, channels, height, width], 0 to 255, unsigned
 * @param labels [size], each from 0 to {@code classes} - 1
 * @param mean what is taken from a pixel divided by 255
 * @param std by what the difference is then divided
 */
public record ImageDataset(
        byte[] pixels, int[] labels, int channels, int height, int width, int classes, float mean, float std) {

    public ImageDataset {
        requireNonNull(pixels, "pixels is null");
        requireNonNull(labels, "labels is null");
        if ((long) labels.length * channels * height * width != pixels.length) {
            throw new IllegalArgumentException("%d pixels are not %d images of %d x %d x %d"
                    .formatted(pixels.length, labels.length, channels, height, width));
        }
        if (!(std > 0)) {
            throw new IllegalArgumentException("std is " + std + ", but must be above 0");
        }
        for (int label : labels) {
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException("label " + label + " is not one of " + classes + " classes");
            }
        }
    }

    public int size() {
        return labels.length;
    }

    /** Bytes of one image. */
    public int imageSize() {
        return channels * height * width;
    }

    /** Images {@code from} (inclusive) to {@code to} (exclusive), normalised: [to - from, channels, height, width]. */
    public FloatTensor batch(int from, int to) {
        float[] table = normalisation();
        float[] data = new float[(to - from) * imageSize()];
        int start = from * imageSize();
        for (int i = 0; i < data.length; i++) {
            data[i] = table[Byte.toUnsignedInt(pixels[start + i])];
        }
        return new FloatTensor(data, to - from, channels, height, width);
    }

    /** All images, normalised: 4 bytes a pixel. */
    public FloatTensor images() {
        return batch(0, size());
    }

    /** The first images; all where there are fewer. */
    public ImageDataset take(int count) {
        return subset(IntStream.range(0, Math.min(count, size())).toArray());
    }

    /** The images at the given positions, in that order. */
    public ImageDataset subset(int... positions) {
        byte[] chosen = new byte[positions.length * imageSize()];
        int[] chosenLabels = new int[positions.length];
        for (int i = 0; i < positions.length; i++) {
            System.arraycopy(pixels, positions[i] * imageSize(), chosen, i * imageSize(), imageSize());
            chosenLabels[i] = labels[positions[i]];
        }
        return new ImageDataset(chosen, chosenLabels, channels, height, width, classes, mean, std);
    }

    public ImageDataset withNormalisation(float newMean, float newStd) {
        return new ImageDataset(pixels, labels, channels, height, width, classes, newMean, newStd);
    }

    /** These images amid zero pixels, as {@code newHeight} x {@code newWidth}; an odd pixel of padding goes below and right. */
    public ImageDataset padded(int newHeight, int newWidth) {
        if (newHeight == height && newWidth == width) {
            return this;
        }
        if (newHeight < height || newWidth < width) {
            throw new IllegalArgumentException(
                    "%d x %d is smaller than the images, %d x %d".formatted(newHeight, newWidth, height, width));
        }
        int top = (newHeight - height) / 2;
        int left = (newWidth - width) / 2;
        byte[] out = new byte[size() * channels * newHeight * newWidth];
        for (int plane = 0; plane < size() * channels; plane++) {
            for (int y = 0; y < height; y++) {
                System.arraycopy(
                        pixels,
                        (plane * height + y) * width,
                        out,
                        (plane * newHeight + top + y) * newWidth + left,
                        width);
            }
        }
        return new ImageDataset(out, labels, channels, newHeight, newWidth, classes, mean, std);
    }

    /**
     * These images as a network wants them: normalised by its metadata where it has any, padded to the size of its input.
     *
     * @throws BadInputException if the network wants other channels or smaller images, or gives another number of classes
     */
    public ImageDataset fitting(Graph network) {
        if (network.inputs().size() != 1 || network.inputs().getFirst().shape().length != 4) {
            throw new BadInputException(
                    "network '%s' has the inputs %s; one of shape [N, channels, height, width] is needed"
                            .formatted(network.name(), network.inputs()));
        }
        long[] wanted = network.inputs().getFirst().shape();
        long wantedHeight = wanted[2] == ValueInfo.DYNAMIC ? height : wanted[2];
        long wantedWidth = wanted[3] == ValueInfo.DYNAMIC ? width : wanted[3];
        boolean sameChannels = wanted[1] == ValueInfo.DYNAMIC || wanted[1] == channels;
        if (!sameChannels || wantedHeight < height || wantedWidth < width) {
            throw new BadInputException(
                    "network '%s' wants %s; the images are of shape [%d, %d, %d], which can be padded but not cut"
                            .formatted(network.name(), network.inputs().getFirst(), channels, height, width));
        }
        long[] made = network.outputs().getFirst().shape();
        if (made.length == 2 && made[1] != ValueInfo.DYNAMIC && made[1] != classes) {
            throw new BadInputException("network '%s' tells %d classes apart; the data have %d"
                    .formatted(network.name(), made[1], classes));
        }
        InputNormalization wants = InputNormalization.of(network).orElseGet(this::normalization);
        if (wants.mean().length != 1) {
            throw new BadInputException(
                    "network '%s' wants pixels normalised by channel (%s); the data know one number for all"
                            .formatted(network.name(), wants));
        }
        return withNormalisation(wants.mean()[0], wants.std()[0]).padded((int) wantedHeight, (int) wantedWidth);
    }

    /** SHA-256 in hexadecimal of images, labels, shape and normalisation. */
    public String digest() {
        ByteBuffer head = ByteBuffer.allocate(28);
        head.putInt(size()).putInt(channels).putInt(height).putInt(width).putInt(classes);
        head.putFloat(mean).putFloat(std);
        ByteBuffer classOf = ByteBuffer.allocate(4 * labels.length);
        classOf.asIntBuffer().put(labels);
        return Digests.of(head.array(), pixels, classOf.array());
    }

    /** As a network's metadata says it. */
    InputNormalization normalization() {
        return new InputNormalization(new float[] {mean}, new float[] {std});
    }

    /** The normalised value of each of the 256 pixel values. */
    float[] normalisation() {
        float[] table = new float[256];
        for (int i = 0; i < table.length; i++) {
            table[i] = (i / 255f - mean) / std;
        }
        return table;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ImageDataset that && digest().equals(that.digest());
    }

    @Override
    public int hashCode() {
        return digest().hashCode();
    }

    @Override
    public String toString() {
        return "%d images of [%d, %d, %d] in %d classes".formatted(size(), channels, height, width, classes);
    }
}
