package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data as users have them. */
class DataPathTest {

    private static final Graph NETWORK = Networks.byName("resnet20", new ImageInput(3, 4, 0.5f, 0.25f), 2, 1);

    @TempDir
    private Path folder;

    @Test
    void classFoldersTellLabelsByTheirSortedNames() throws IOException {
        for (int i = 0; i < 20; i++) {
            picture("dogs/" + i + ".png", 4, 4, 0x0000ff);
            picture("cats/" + i + ".png", 4, 4, 0xff0000);
        }
        SampleSplits splits = load(folder);
        assertThat(splits.train().size()).isEqualTo(32);
        assertThat(splits.validation().size()).isEqualTo(4);
        assertThat(splits.test().size()).isEqualTo(4);
        assertThat(splits.test().labels()).containsOnly(0, 1);
        Samples test = splits.test().fitting(NETWORK);
        int firstCat = Arrays.stream(new int[] {0, 1, 2, 3})
                .filter(i -> test.labels()[i] == 0)
                .findFirst()
                .orElseThrow();
        float[] cat = test.batch(firstCat, firstCat + 1).data();
        assertThat(cat).hasSize(48).startsWith(2f).endsWith(-2f); // red is 1, blue is 0
        assertThat(load(folder).digest()).isEqualTo(splits.digest());
        assertThat(splits.forTraining(Optional.of(NETWORK)).train().classes()).isEqualTo(2);
    }

    @Test
    void foldersThatAreSplitStaySo() throws IOException {
        for (int i = 0; i < 10; i++) {
            picture("train/a/" + i + ".png", 4, 4, 0);
            picture("train/b/" + i + ".jpg", 4, 4, 0);
        }
        picture("val/a/0.png", 4, 4, 0);
        picture("val/b/0.PNG", 4, 4, 0);
        SampleSplits splits = load(folder);
        assertThat(splits.train().size()).isEqualTo(18);
        assertThat(splits.validation().labels()).containsExactlyInAnyOrder(0, 1);
        assertThat(splits.test().labels()).containsExactly(0, 1);
        picture("test/a/0.png", 4, 4, 0);
        picture("test/c/0.png", 4, 4, 0);
        assertThatThrownBy(() -> load(folder))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("[a, b]")
                .hasMessageContaining("[a, c]");
    }

    @Test
    void imagesWithoutClassFoldersHaveNoLabels() throws IOException {
        picture("one.png", 4, 4, 0);
        SampleSplits splits = load(folder);
        assertThat(splits.train().isLabelled()).isFalse();
        assertThat(splits.test().size()).isOne();
        assertThatThrownBy(() -> splits.forTraining(Optional.empty())).hasMessageContaining("no labels");
    }

    @Test
    void imagesAreScaledToWhatTheNetworkWants() throws IOException {
        BufferedImage wide = new BufferedImage(12, 8, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 8; y++) {
            for (int x = 2; x < 10; x++) {
                wide.getRaster().setSample(x, y, 0, 100);
            }
        }
        Files.createDirectories(folder.resolve("a"));
        ImageIO.write(wide, "png", folder.resolve("a/wide.png").toFile());
        picture("b/small.png", 2, 2, 0x646464);
        SampleSplits splits = load(folder);
        Samples all = splits.train().fitting(NETWORK);
        float grey = (100 / 255f - 0.5f) / 0.25f;
        for (int i = 0; i < all.size(); i++) {
            float[] values = all.batch(i, i + 1).data();
            assertThat(values).hasSize(3 * 4 * 4);
            // of the wide image the middle, whose outermost columns have black neighbours
            assertThat(values[5]).isEqualTo(grey);
            assertThat(values[37]).isEqualTo(grey);
        }
    }

    @Test
    void arraysOfBytesMayHaveTheirChannelsLast() throws IOException {
        byte[] pixels = new byte[10 * 4 * 4 * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i % 3 * 50);
        }
        Path file = folder.resolve("data.npz");
        Numpy.save(
                file,
                Map.of(
                        "images",
                        Numpy.array("|u1", "(10, 4, 4, 3)", pixels),
                        "labels",
                        Numpy.longs(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)));
        SampleSplits splits = load(file);
        assertThat(splits.train().isLabelled()).isTrue();
        ImageDataset fitting = (ImageDataset) splits.train().fitting(NETWORK);
        assertThat(fitting.classes()).isEqualTo(2);
        assertThat(fitting.subset(0).pixels())
                .startsWith(0, 0, 0)
                .containsSequence(50, 50, 50)
                .endsWith(100);
    }

    @Test
    void floatsAreTakenAsTheyAre() throws IOException {
        float[] values = new float[2 * 4 * 4 * 3];
        values[1] = values[48 + 1] = 7; // first position, second channel
        Path file = folder.resolve("data.npy");
        Files.write(file, Numpy.floats("(2, 4, 4, 3)", values));
        Samples fitting = load(file).train().fitting(NETWORK);
        assertThat(fitting.isLabelled()).isFalse();
        assertThat(fitting.batch(0, 1).data()[16]).isEqualTo(7);
        Graph other = Networks.byName("resnet20", new ImageInput(1, 8, 0, 1), 2, 1);
        assertThatThrownBy(() -> load(file).train().fitting(other))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("data.npy: float32[")
                .hasMessageContaining("wants [input: FLOAT[-1, 1, 8, 8]]");
    }

    @Test
    void arraysThatAreSplitStaySo() {
        Path file = folder.resolve("data.npz");
        Numpy.save(
                file,
                Map.of(
                        "x_train", Numpy.array("|u1", "(10, 2, 2)", new byte[40]),
                        "y_train", Numpy.longs(0, 1, 0, 1, 0, 1, 0, 1, 0, 1),
                        "x_test", Numpy.array("|u1", "(3, 2, 2)", new byte[12]),
                        "y_test", Numpy.longs(2, 1, 0)));
        assertThat(load(file).test().labels()).containsExactly(2, 1, 0);
    }

    @Test
    void idxFilesNeedNotBeADatasetOfOurs() throws IOException {
        byte[] images = ByteBuffer.allocate(16 + 20 * 4)
                .putInt(0x803)
                .putInt(20)
                .putInt(2)
                .putInt(2)
                .array();
        byte[] labels = ByteBuffer.allocate(8 + 20).putInt(0x801).putInt(20).array();
        Files.write(folder.resolve("train-images-idx3-ubyte"), images);
        Files.write(folder.resolve("train-labels-idx1-ubyte"), labels);
        assertThat(load(folder).train().size()).isEqualTo(16);
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), images);
        assertThat(load(folder).train().size()).isEqualTo(18);
        assertThat(load(folder).test().isLabelled()).isFalse();
        assertThat(load(folder.resolve("t10k-images-idx3-ubyte")).test().size()).isEqualTo(2);
    }

    @Test
    void brokenDataAreNamed() throws IOException {
        refused(folder.resolve("none"), "no dataset, file or folder", "fashion-mnist");
        refused(folder, "neither class folders");
        refused(Files.writeString(folder.resolve("a.txt"), "x"), "a.txt", ".npz");
        refused(Files.writeString(folder.resolve("a.npz"), "x"), "a.npz");
        refused(Files.writeString(folder.resolve("a.npy"), "not an array"), "a.npy", "NumPy");
        refused(
                Files.write(folder.resolve("b.npy"), Numpy.array("<f4", "(2, 3)", new byte[20])),
                "holds 20 bytes",
                "needs 24");
        refused(
                Files.write(folder.resolve("c.npy"), Numpy.array("<c8", "(1, 1)", new byte[8])),
                "'<c8'",
                "uint8 or float32");
        refused(Files.write(folder.resolve("d.npy"), Numpy.longs(1, 2)), "int64[2]", "pixels as uint8");
        Numpy.save(folder.resolve("e.npz"), Map.of("images", Numpy.floats("(2, 1)", 1, 2), "labels", Numpy.longs(0)));
        refused(folder.resolve("e.npz"), "1 labels", "2 images");
        Files.createDirectories(folder.resolve("pictures/a"));
        Files.writeString(folder.resolve("pictures/a/broken.png"), "x");
        refused(folder.resolve("pictures"), "broken.png");
    }

    private void refused(Path path, String... parts) {
        assertThatThrownBy(() -> load(path))
                .isInstanceOf(BadInputException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void eachChannelHasItsOwnNormalization() {
        ImageDataset two = new ImageDataset(
                new byte[] {0, (byte) 255},
                new int[] {0},
                2,
                1,
                1,
                1,
                new InputNormalization(new float[] {0.5f, 0}, new float[] {0.5f, 2}));
        assertThat(two.images().data()).containsExactly(-1, 0.5f);
    }

    private SampleSplits load(Path path) {
        return Datasets.load(path.toString(), null, folder, Progress.NONE);
    }

    private void picture(String name, int width, int height, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, rgb);
        }
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(image, name.endsWith("jpg") ? "jpg" : "png", file.toFile());
    }
}
