package dev.limbeck.cli;

import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.schemas.Progress;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Fashion-MNIST as users have images: PNG files in a folder for each class. */
final class ClassFolders {

    private ClassFolders() {}

    /** The first test images. */
    static Path write(Path folder, int count) throws IOException {
        ImageDataset images = Datasets.byName("fashion-mnist", null, DataOptions.cacheDir(), Progress.NONE)
                .test()
                .take(count);
        for (int i = 0; i < images.size(); i++) {
            BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
            image.getRaster().setDataElements(0, 0, 28, 28, images.subset(i).pixels());
            Path file = folder.resolve("class" + images.labels()[i]).resolve(i + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        return folder;
    }
}
