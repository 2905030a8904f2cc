package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.store.FolderStore;
import dev.limbeck.workflows.RunOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {

    @TempDir
    private Path folder;

    @Test
    void workersChooseNoPlaceOutsideIt() throws IOException {
        FolderStore store = new FolderStore(folder.resolve("store"));
        String network = store.put(Files.readAllBytes(Path.of("..", "examples", "fashion-mnist", "reference.onnx")));
        RunFolder run = new RunFolder(folder.resolve("runs/a"));
        for (String path : List.of("../b.onnx", folder.resolve("b.onnx").toString(), "models/../../b.onnx")) {
            assertThatThrownBy(() -> run.write(store, new RunOutcome("a", network, Map.of(path, network))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(path);
        }
        assertThat(folder.resolve("runs")).doesNotExist();
    }
}
