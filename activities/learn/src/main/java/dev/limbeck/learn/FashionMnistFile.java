package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The four files of the dataset. Checksums are of the unpacked content, since archives pack it in different ways. */
enum FashionMnistFile {
    TRAIN_IMAGES("train-images-idx3-ubyte", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
    TRAIN_LABELS("train-labels-idx1-ubyte", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    TEST_IMAGES("t10k-images-idx3-ubyte", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
    TEST_LABELS("t10k-labels-idx1-ubyte", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    private final String unpackedName;
    private final String sha256;

    FashionMnistFile(String unpackedName, String sha256) {
        this.unpackedName = unpackedName;
        this.sha256 = sha256;
    }

    String fileName() {
        return unpackedName + ".gz";
    }

    boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(fileName()));
    }

    /** @throws BadInputException if the file is not what the dataset's authors published */
    Idx read(Path folder) {
        Path file = folder.resolve(fileName());
        try {
            return Idx.parse(unpack(Files.readAllBytes(file), file.toString()), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /**
     * @param packed what the file holds
     * @param origin what messages call it
     */
    byte[] unpack(byte[] packed, String origin) {
        byte[] content;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            content = in.readAllBytes();
        } catch (IOException e) {
            throw new BadInputException(
                    origin + ": not a complete gzip file (" + e.getMessage() + "); delete it, and it is fetched again",
                    e);
        }
        String found = Digests.of(content);
        if (!found.equals(sha256)) {
            throw new BadInputException(("%s: its content has the SHA-256 %s, that of Fashion-MNIST has %s;"
                            + " delete the file, and it is fetched again")
                    .formatted(origin, found, sha256));
        }
        return content;
    }
}
