package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.Random;

/**
 * Images made of shapes that hide one another, "dead leaves" (Lee, Mumford and Huang 2001): their edges, flat areas and range of sizes
 * are like those of photographs, so that a network's activations have like ranges (Baradad et al. 2021 train on such images).
 */
final class SyntheticImages {

    private static final int MOST_IMAGES = 512;
    private static final int FEWEST_IMAGES = 32;

    /** Bounds the memory that the images take. */
    private static final int ELEMENTS = 1 << 24;

    private static final int MOST_LEAVES = 30;

    /** Radius of the smallest leaf, as a share of the image. */
    private static final double SMALLEST = 0.05;

    private static final double MOST_NOISE = 0.1;

    private final Random random;
    private final int channels;
    private final int height;
    private final int width;

    private SyntheticImages(int channels, int height, int width, long seed) {
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.random = new Random(seed);
    }

    /**
     * @return [images, channels, height, width] as the network wants its pixels, up to 512 of them
     * @throws BadInputException if the network does not take images, or does not say their size or how pixels are normalised
     */
    static FloatTensor forNetwork(Graph network, long seed) {
        ValueInfo input = network.inputs().getFirst();
        String label = "network '" + network.name() + "': ";
        InputNormalization normalization = InputNormalization.of(network)
                .orElseThrow(() -> new BadInputException(label + "it does not say how the pixels of its input '"
                        + input.name() + "' are normalised, so their range is not known without data; give images"
                        + " with --data, or write its metadata '" + InputNormalization.MEAN_KEY + "' and '"
                        + InputNormalization.STD_KEY + "', on pixels divided by 255"));
        long[] shape = input.shape();
        boolean isImage = shape != null
                && shape.length == 4
                && shape[1] > 0
                && shape[2] > 0
                && shape[3] > 0
                && (normalization.mean().length == 1 || normalization.mean().length == shape[1]);
        if (!isImage) {
            throw new BadInputException(
                    label + "its input " + input + " is not an image of known size, [N, channels, height, width], so"
                            + " no images can be made up for it; give data with --data");
        }
        return new SyntheticImages((int) shape[1], (int) shape[2], (int) shape[3], seed).images(normalization);
    }

    private FloatTensor images(InputNormalization normalization) {
        int positions = height * width;
        int item = channels * positions;
        int count = Math.clamp(ELEMENTS / item, FEWEST_IMAGES, MOST_IMAGES);
        float[] mean = normalization.mean();
        float[] std = normalization.std();
        float[] data = new float[count * item];
        for (int image = 0; image < count; image++) {
            float[] pixels = image();
            for (int i = 0; i < item; i++) {
                int channel = i / positions % mean.length;
                data[image * item + i] = (pixels[i] - mean[channel]) / std[channel];
            }
        }
        return new FloatTensor(data, count, channels, height, width);
    }

    /** [channels, height, width] from 0 to 1. */
    private float[] image() {
        float[] pixels = new float[channels * height * width];
        boolean blackBackground = random.nextBoolean();
        float[] colour = colour();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = blackBackground ? 0 : colour[i / (height * width)];
        }
        int leaves = 1 + random.nextInt(MOST_LEAVES);
        for (int i = 0; i < leaves; i++) {
            leaf(pixels);
        }
        double noise = MOST_NOISE * random.nextDouble();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) Math.clamp(pixels[i] + noise * random.nextGaussian(), 0, 1);
        }
        return pixels;
    }

    private float[] colour() {
        float[] colour = new float[channels];
        for (int c = 0; c < channels; c++) {
            colour[c] = random.nextFloat();
        }
        return colour;
    }

    /** An ellipse or a rectangle; radii r are distributed as r^-3, which makes the image look alike at every scale. */
    private void leaf(float[] pixels) {
        double size = Math.min(height, width);
        double radius = Math.min(size, SMALLEST * size / Math.sqrt(1 - random.nextDouble()));
        double stretch = Math.exp(0.5 * random.nextGaussian());
        double radiusX = radius * stretch;
        double radiusY = radius / stretch;
        double centreX = random.nextDouble() * width;
        double centreY = random.nextDouble() * height;
        boolean rectangle = random.nextBoolean();
        float[] colour = colour();
        int top = (int) Math.max(0, centreY - radiusY);
        int bottom = (int) Math.min(height - 1, centreY + radiusY);
        int left = (int) Math.max(0, centreX - radiusX);
        int right = (int) Math.min(width - 1, centreX + radiusX);
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                double dx = (x - centreX) / radiusX;
                double dy = (y - centreY) / radiusY;
                if (rectangle || dx * dx + dy * dy < 1) {
                    for (int c = 0; c < channels; c++) {
                        pixels[(c * height + y) * width + x] = colour[c];
                    }
                }
            }
        }
    }
}
