package dev.limbeck.testing;

import dev.limbeck.graph.FloatTensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Cuts of a page of printed text, normalised as PaddleOCR does: (pixel / 255 - mean) / deviation.
 *
 * <p>The page is a picture and not drawn here, since fonts differ between machines and some have none.
 */
final class TextPage {

    private static final int WIDTH = 480;
    private static final int LINE_HEIGHT = 48;
    private static final int LINES = 12;
    private static final int CHANNELS = 3;

    private static final float[] HALF = {0.5f, 0.5f, 0.5f};
    private static final float[] IMAGENET_MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] IMAGENET_DEVIATION = {0.229f, 0.224f, 0.225f};

    private final float[] pixels;

    private TextPage() {
        try (InputStream in = ThirdPartyNetwork.open("/dev/limbeck/testing/page.png")) {
            pixels = ImageIO.read(in).getRaster().getSamples(0, 0, WIDTH, LINES * LINE_HEIGHT, 0, (float[]) null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Four overlapping parts of the page, [4, 3, 192, 320]. */
    static Map<String, FloatTensor> regions() {
        Cutter cutter = new TextPage().new Cutter(4, 4 * LINE_HEIGHT, 320, IMAGENET_MEAN, IMAGENET_DEVIATION);
        for (int i = 0; i < 4; i++) {
            cutter.add(i * 120, i * 50, false);
        }
        return cutter.images();
    }

    /** Every line, [12, 3, 48, 480]. */
    static Map<String, FloatTensor> lines() {
        Cutter cutter = new TextPage().new Cutter(LINES, LINE_HEIGHT, WIDTH, HALF, HALF);
        for (int i = 0; i < LINES; i++) {
            cutter.add(i * LINE_HEIGHT, 0, false);
        }
        return cutter.images();
    }

    /** A piece of every line, every other one upside down, [12, 3, 48, 192]. */
    static Map<String, FloatTensor> words() {
        Cutter cutter = new TextPage().new Cutter(LINES, LINE_HEIGHT, 192, HALF, HALF);
        for (int i = 0; i < LINES; i++) {
            cutter.add(i * LINE_HEIGHT, 20 + 10 * i, i % 2 == 1);
        }
        return cutter.images();
    }

    /** Collects cuts of one size. */
    private final class Cutter {
        private final FloatTensor images;
        private final int height;
        private final int width;
        private final float[] mean;
        private final float[] deviation;
        private int next;

        private Cutter(int count, int height, int width, float[] mean, float[] deviation) {
            this.images = new FloatTensor(new float[count * CHANNELS * height * width], count, CHANNELS, height, width);
            this.height = height;
            this.width = width;
            this.mean = mean;
            this.deviation = deviation;
        }

        private void add(int top, int left, boolean upsideDown) {
            for (int channel = 0; channel < CHANNELS; channel++) {
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        int row = top + (upsideDown ? height - 1 - y : y);
                        int column = left + (upsideDown ? width - 1 - x : x);
                        float pixel = pixels[row * WIDTH + column] / 255;
                        images.data()[next++] = (pixel - mean[channel]) / deviation[channel];
                    }
                }
            }
        }

        private Map<String, FloatTensor> images() {
            return Map.of("x", images);
        }
    }
}
