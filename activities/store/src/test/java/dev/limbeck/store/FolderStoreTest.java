package dev.limbeck.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest extends StoreContract {

    @TempDir
    private Path folder;

    private FolderStore store;

    @BeforeEach
    void open() {
        store = new FolderStore(folder);
    }

    @Override
    ArtifactStore store() {
        return store;
    }

    @Test
    void noticesADamagedArtifact() throws IOException {
        String digest = store.put(new byte[] {1, 2, 3});
        Files.write(folder.resolve("artifacts").resolve(digest.substring(0, 2)).resolve(digest), new byte[] {1});
        assertThatThrownBy(() -> store.get(digest)).hasMessageContaining("damaged");
    }

    @Test
    void leavesNoTemporaryFiles() throws IOException {
        store.put(new byte[] {1});
        store.remember("key", new byte[] {2});
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".part"));
        }
    }

    @Test
    void saysWhatToDoWhereTheFolderCannotBeMade() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> new FolderStore(file))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("--store");
    }
}
