package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.store.ArtifactStore;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoresTest {

    @TempDir
    private Path folder;

    @Test
    void opensAFolder() {
        try (ArtifactStore store = Stores.open(folder.resolve("store").toString(), Map.of())) {
            assertThat(store.get(store.put(new byte[] {1}))).hasSize(1);
        }
        assertThat(folder.resolve("store/artifacts")).isNotEmptyDirectory();
        assertThat(Stores.localFolder("store")).isEqualTo(Path.of("store"));
        assertThat(Stores.localFolder("s3://bucket/prefix")).isEqualTo(Path.of(".limbeck"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"much", "10 PB", "-1", ""})
    void refusesWhatIsNoSize(String size) {
        assertThatThrownBy(() -> Stores.open(
                        "s3://bucket", Map.of("LIMBECK_CACHE", folder.toString(), "LIMBECK_CACHE_SIZE", size)))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("LIMBECK_CACHE_SIZE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"500 MB", "10GB", "0", "1 TiB", "7k"})
    void takesSizes(String size) {
        assertThatThrownBy(() -> Stores.open(
                        "s3://no bucket", Map.of("LIMBECK_CACHE", folder.toString(), "LIMBECK_CACHE_SIZE", size)))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("--store is 's3://no bucket'");
    }
}
