package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Image files, read when they are needed: memory does not grow with their number. Each is scaled until it covers the wanted size; what
 * juts out on two sides is cut off.
 *
 * @param labels [files], or empty
 * @param classes 0 where labels are not known
 */
record ImageFiles(
        List<Path> files,
        int[] labels,
        int classes,
        int channels,
        int height,
        int width,
        InputNormalization normalization)
        implements Samples {

    private static final InputNormalization DIVIDED_BY_255 = new InputNormalization(new float[] {0}, new float[] {1});

    ImageFiles {
        files = List.copyOf(files);
    }

    /** Of the size and with the channels of the first file, until it is known what a network wants. */
    static ImageFiles of(List<Path> files, int[] labels, int classes) {
        Picture first = Picture.read(files.getFirst());
        return new ImageFiles(files, labels, classes, first.channels(), first.height(), first.width(), DIVIDED_BY_255);
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public FloatTensor batch(int from, int to) {
        return new ImageDataset(pixels(from, to), new int[0], channels, height, width, 0, normalization).images();
    }

    /** [to - from, channels, height, width] */
    private byte[] pixels(int from, int to) {
        int image = channels * height * width;
        byte[] pixels = new byte[Math.multiplyExact(to - from, image)];
        for (int i = from; i < to; i++) {
            byte[] one = Picture.read(files.get(i))
                    .withChannels(channels)
                    .covering(height, width)
                    .pixels();
            System.arraycopy(one, 0, pixels, (i - from) * image, image);
        }
        return pixels;
    }

    @Override
    public ImageFiles subset(int... positions) {
        List<Path> chosen = Arrays.stream(positions).mapToObj(files::get).toList();
        return new ImageFiles(
                chosen, Samples.labels(labels, positions), classes, channels, height, width, normalization);
    }

    @Override
    public ImageFiles fitting(Graph network) {
        long[] wanted = Samples.imageShape(network);
        if (wanted[1] != ValueInfo.DYNAMIC && wanted[1] != 1 && wanted[1] != 3) {
            throw new BadInputException("network '%s' wants %s; image files have 1 or 3 channels"
                    .formatted(network.name(), network.inputs().getFirst()));
        }
        Samples.requireClasses(network, classes);
        return new ImageFiles(
                files,
                labels,
                classes,
                size(wanted[1], channels),
                size(wanted[2], height),
                size(wanted[3], width),
                InputNormalization.of(network).orElse(normalization));
    }

    private static int size(long wanted, int own) {
        return wanted == ValueInfo.DYNAMIC ? own : Math.toIntExact(wanted);
    }

    @Override
    public ImageDataset inMemory() {
        if ((long) size() * channels * height * width > Integer.MAX_VALUE - 8) {
            throw new BadInputException("%d images of [%d, %d, %d] are more than the 2 GB that can be trained on"
                    .formatted(size(), channels, height, width));
        }
        return new ImageDataset(pixels(0, size()), labels, channels, height, width, classes, normalization);
    }

    /** Of what lies in the files, and of how it is read. */
    @Override
    public String digest() {
        StringBuilder parts = new StringBuilder(
                Arrays.toString(labels) + normalization + classes + "," + channels + "," + height + "," + width);
        for (Path file : files) {
            try {
                parts.append(Digests.of(Files.readAllBytes(file)));
            } catch (IOException e) {
                throw new BadInputException("cannot read " + file + ": " + e, e);
            }
        }
        return Digests.ofText(parts.toString());
    }
}
