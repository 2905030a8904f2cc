package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * One image out of a file.
 *
 * @param pixels [channels, height, width], unsigned; grey, or red, green and blue
 */
record Picture(byte[] pixels, int channels, int height, int width) {

    /** Weights of red, green and blue in grey (ITU-R BT.601). */
    private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

    /** @throws BadInputException if the file holds no image that Java's ImageIO reads */
    static Picture read(Path file) {
        BufferedImage image;
        try {
            image = ImageIO.read(file.toFile());
        } catch (IOException | RuntimeException e) {
            throw new BadInputException(file + ": cannot be read as an image (" + e.getMessage() + ")", e);
        }
        if (image == null) {
            throw new BadInputException(file + ": is no PNG, JPEG, BMP or GIF image");
        }
        return of(image);
    }

    private static Picture of(BufferedImage image) {
        int height = image.getHeight();
        int width = image.getWidth();
        boolean grey = image.getColorModel().getNumColorComponents() == 1
                && !(image.getColorModel() instanceof IndexColorModel);
        byte[] pixels = new byte[(grey ? 1 : 3) * height * width];
        if (grey) {
            // not by getRGB, which takes grey for linear light and brightens it
            Raster raster = image.getRaster();
            int bits = image.getSampleModel().getSampleSize(0);
            for (int i = 0; i < pixels.length; i++) {
                int sample = raster.getSample(raster.getMinX() + i % width, raster.getMinY() + i / width, 0);
                pixels[i] = (byte) (bits > 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1));
            }
            return new Picture(pixels, 1, height, width);
        }
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    pixels[(c * height + y) * width + x] = (byte) (row[x] >> (16 - 8 * c));
                }
            }
        }
        return new Picture(pixels, 3, height, width);
    }

    /** @param wanted 1 or 3 */
    Picture withChannels(int wanted) {
        if (wanted == channels) {
            return this;
        }
        int plane = height * width;
        byte[] changed = new byte[wanted * plane];
        for (int i = 0; i < plane; i++) {
            if (wanted == 3) {
                changed[i] = changed[plane + i] = changed[2 * plane + i] = pixels[i];
            } else {
                float grey = 0;
                for (int c = 0; c < 3; c++) {
                    grey += LUMA[c] * Byte.toUnsignedInt(pixels[c * plane + i]);
                }
                changed[i] = (byte) Math.rint(grey);
            }
        }
        return new Picture(changed, wanted, height, width);
    }

    /** Scaled, with its proportions kept, until it covers the size; the middle of it. */
    Picture covering(int newHeight, int newWidth) {
        if (newHeight == height && newWidth == width) {
            return this;
        }
        double scale = Math.min((double) height / newHeight, (double) width / newWidth);
        float[][] down = weights(height, newHeight, scale);
        float[][] across = weights(width, newWidth, scale);
        byte[] scaled = new byte[channels * newHeight * newWidth];
        float[] columns = new float[height * newWidth];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < newWidth; x++) {
                    columns[y * newWidth + x] = sum(across[x], (c * height + y) * width);
                }
            }
            for (int y = 0; y < newHeight; y++) {
                int first = (int) down[y][0];
                for (int x = 0; x < newWidth; x++) {
                    float sum = 0;
                    for (int j = 1; j < down[y].length; j++) {
                        sum += down[y][j] * columns[(first + j - 1) * newWidth + x];
                    }
                    scaled[(c * newHeight + y) * newWidth + x] = (byte) Math.rint(sum);
                }
            }
        }
        return new Picture(scaled, channels, newHeight, newWidth);
    }

    private float sum(float[] weights, int row) {
        int first = (int) weights[0];
        float sum = 0;
        for (int j = 1; j < weights.length; j++) {
            sum += weights[j] * Byte.toUnsignedInt(pixels[row + first + j - 1]);
        }
        return sum;
    }

    /**
     * A triangle filter, as wide as a new pixel where the image shrinks, so that nothing is skipped.
     *
     * @param scale old pixels a new one
     * @return for each new pixel the first old one and then the weights, whose sum is 1
     */
    private static float[][] weights(int size, int newSize, double scale) {
        double start = (size - newSize * scale) / 2;
        double radius = Math.max(1, scale);
        float[][] all = new float[newSize][];
        for (int i = 0; i < newSize; i++) {
            double centre = start + (i + 0.5) * scale;
            int first = Math.max(0, (int) Math.floor(centre - radius));
            int end = Math.min(size, (int) Math.ceil(centre + radius));
            float[] weights = new float[end - first + 1];
            weights[0] = first;
            double total = 0;
            for (int j = first; j < end; j++) {
                total += triangle(j, centre, radius);
            }
            for (int j = first; j < end; j++) {
                weights[1 + j - first] = (float) (triangle(j, centre, radius) / total);
            }
            all[i] = weights;
        }
        return all;
    }

    private static double triangle(int pixel, double centre, double radius) {
        return Math.max(0, 1 - Math.abs(pixel + 0.5 - centre) / radius);
    }
}
