package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AugmentationTest {

    /** One image, 3 x 3, pixels 255 apart from a 51 at the top left; normalisation is the identity on pixels / 255. */
    private final ImageDataset dataset =
            new ImageDataset(new byte[] {51, -1, -1, -1, -1, -1, -1, -1, -1}, new int[] {0}, 1, 3, 3, 1, 0, 1);

    @Test
    void noneChangesNothing() {
        assertThat(images(Augmentation.NONE, 1)[0]).isEqualTo(dataset.images().data());
    }

    @Test
    void shiftMovesThePixelsAndFillsWithBlack() {
        float[][] images = images(new Augmentation(1, false, 0), 200);
        assertThat(IntStream.range(0, 200).mapToObj(i -> where(images[i])).distinct())
                .containsExactlyInAnyOrder(0, 1, 3, 4, -1);
        for (float[] image : images) {
            if (where(image) == 4) {
                assertThat(image).containsExactly(0, 0, 0, 0, 0.2f, 1, 0, 1, 1);
            }
        }
    }

    @Test
    void flipMirrorsAboutHalfOfTheImages() {
        float[][] images = images(new Augmentation(0, true, 0), 200);
        long mirrored =
                IntStream.range(0, 200).filter(i -> where(images[i]) == 2).count();
        assertThat(mirrored).isBetween(70L, 130L);
    }

    @Test
    void eraseBlackensASquareThatMayReachOverTheBorder() {
        float[][] images = images(new Augmentation(0, false, 2), 200);
        assertThat(IntStream.range(0, 200)
                        .mapToLong(i -> IntStream.range(0, 9)
                                .filter(p -> images[i][p] == 0)
                                .count())
                        .distinct())
                .containsExactlyInAnyOrder(1L, 2L, 4L);
    }

    private float[][] images(Augmentation augmentation, int count) {
        float[] all = augmentation.batch(dataset, new int[count], new Random(1)).data();
        return IntStream.range(0, count)
                .mapToObj(i -> java.util.Arrays.copyOfRange(all, 9 * i, 9 * i + 9))
                .toArray(float[][]::new);
    }

    /** Position of the dark pixel; -1 where it has left the image. */
    private static int where(float[] image) {
        return IntStream.range(0, 9)
                .filter(i -> Math.abs(image[i] - 0.2f) < 1e-6f)
                .findFirst()
                .orElse(-1);
    }
}
