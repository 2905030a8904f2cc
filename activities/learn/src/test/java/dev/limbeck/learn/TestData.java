package dev.limbeck.learn;

import dev.limbeck.schemas.Progress;
import java.nio.file.Path;

/** Fashion-MNIST, read once for all tests. */
final class TestData {

    private static Splits splits;

    private TestData() {}

    static synchronized Splits fashionMnist() {
        if (splits == null) {
            splits = FashionMnist.load(null, cache(), Progress.NONE);
        }
        return splits;
    }

    static Path cache() {
        return Path.of(System.getProperty("user.home"), ".cache", "limbeck");
    }
}
