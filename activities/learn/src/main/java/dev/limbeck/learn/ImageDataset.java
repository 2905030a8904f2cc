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
 * Images of one size as bytes; the arrays are not copied, whoever hands them over no longer writes to them.
 *
 * @param pixels [size, channels, height, width], 0 to 255, unsigned
 * @param labels [size], each from 0 to {@code classes} - 1; empty where they are not known
 * @param classes 0 where labels are not known
 * @param normalization of pixels divided by 255: one number for all channels, or one for each
 */
public record ImageDataset(
        byte[] pixels, int[] labels, int channels, int height, int width, int classes, InputNormalization normalization)
        implements Samples {

    public ImageDataset {
        requireNonNull(pixels, "pixels is null");
        requireNonNull(labels, "labels is null");
        requireNonNull(normalization, "normalization is null");
        int images = pixels.length / (channels * height * width);
        if (pixels.length % (channels * height * width) != 0 || (labels.length > 0 && labels.length != images)) {
            throw new IllegalArgumentException("%d pixels are not %d images of %d x %d x %d"
                    .formatted(pixels.length, labels.length, channels, height, width));
        }
        if (normalization.mean().length != 1 && normalization.mean().length != channels) {
            throw new BadInputException(
                    "there are %d means and standard deviations for %d channels; give one for all, or one for each"
                            .formatted(normalization.mean().length, channels));
        }
        for (int label : labels) {
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException("label " + label + " is not one of " + classes + " classes");
            }
        }
    }

    /** With one mean and one standard deviation for all channels. */
    public ImageDataset(
            byte[] pixels, int[] labels, int channels, int height, int width, int classes, float mean, float std) {
        this(pixels, labels, channels, height, width, classes, new InputNormalization(new float[] {mean}, new float[] {
            std
        }));
    }

    @Override
    public int size() {
        return pixels.length / imageSize();
    }

    /** Bytes of one image. */
    public int imageSize() {
        return channels * height * width;
    }

    /** Images {@code from} (inclusive) to {@code to} (exclusive), normalised: [to - from, channels, height, width]. */
    @Override
    public FloatTensor batch(int from, int to) {
        float[][] tables = normalisation();
        float[] data = new float[(to - from) * imageSize()];
        int start = from * imageSize();
        int plane = height * width;
        for (int i = 0; i < data.length; i += plane) {
            float[] table = tables[i / plane % channels];
            for (int j = i; j < i + plane; j++) {
                data[j] = table[Byte.toUnsignedInt(pixels[start + j])];
            }
        }
        return new FloatTensor(data, to - from, channels, height, width);
    }

    /** All images, normalised: 4 bytes a pixel. */
    public FloatTensor images() {
        return batch(0, size());
    }

    /** The first images; all where there are fewer. */
    @Override
    public ImageDataset take(int count) {
        return subset(IntStream.range(0, Math.min(count, size())).toArray());
    }

    /** The images at the given positions, in that order. */
    @Override
    public ImageDataset subset(int... positions) {
        byte[] chosen = new byte[positions.length * imageSize()];
        for (int i = 0; i < positions.length; i++) {
            System.arraycopy(pixels, positions[i] * imageSize(), chosen, i * imageSize(), imageSize());
        }
        int[] chosenLabels = Samples.labels(labels, positions);
        return new ImageDataset(chosen, chosenLabels, channels, height, width, classes, normalization);
    }

    public ImageDataset withNormalization(InputNormalization other) {
        return new ImageDataset(pixels, labels, channels, height, width, classes, other);
    }

    ImageDataset withClasses(int number) {
        return new ImageDataset(pixels, labels, channels, height, width, number, normalization);
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
        return new ImageDataset(out, labels, channels, newHeight, newWidth, classes, normalization);
    }

    /**
     * These images as a network wants them: normalised by its metadata where it has any, padded to the size of its input.
     *
     * @throws BadInputException if the network wants other channels or smaller images, or gives another number of classes
     */
    @Override
    public ImageDataset fitting(Graph network) {
        long[] wanted = Samples.imageShape(network);
        long wantedHeight = wanted[2] == ValueInfo.DYNAMIC ? height : wanted[2];
        long wantedWidth = wanted[3] == ValueInfo.DYNAMIC ? width : wanted[3];
        boolean sameChannels = wanted[1] == ValueInfo.DYNAMIC || wanted[1] == channels;
        if (!sameChannels || wantedHeight < height || wantedWidth < width) {
            throw new BadInputException(
                    "network '%s' wants %s; the images are of shape [%d, %d, %d], which can be padded but not cut"
                            .formatted(network.name(), network.inputs().getFirst(), channels, height, width));
        }
        Samples.requireClasses(network, classes);
        return withNormalization(InputNormalization.of(network).orElse(normalization))
                .padded((int) wantedHeight, (int) wantedWidth);
    }

    @Override
    public ImageDataset inMemory() {
        return this;
    }

    /** SHA-256 in hexadecimal of images, labels, shape and normalisation. */
    @Override
    public String digest() {
        float[] mean = normalization.mean();
        float[] std = normalization.std();
        ByteBuffer head = ByteBuffer.allocate(20 + 8 * mean.length);
        head.putInt(size()).putInt(channels).putInt(height).putInt(width).putInt(classes);
        for (int i = 0; i < mean.length; i++) {
            head.putFloat(mean[i]).putFloat(std[i]);
        }
        ByteBuffer classOf = ByteBuffer.allocate(4 * labels.length);
        classOf.asIntBuffer().put(labels);
        return Digests.of(head.array(), pixels, classOf.array());
    }

    /** The normalised value of each of the 256 pixel values of each channel: [channels, 256]. */
    float[][] normalisation() {
        float[] mean = normalization.mean();
        float[] std = normalization.std();
        float[][] tables = new float[channels][256];
        for (int c = 0; c < channels; c++) {
            int of = mean.length == 1 ? 0 : c;
            for (int i = 0; i < 256; i++) {
                tables[c][i] = (i / 255f - mean[of]) / std[of];
            }
        }
        return tables;
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
