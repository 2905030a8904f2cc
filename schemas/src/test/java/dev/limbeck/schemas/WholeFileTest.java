package dev.limbeck.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

    private static final String MEND = "choose another place by --there";

    @TempDir
    private Path folder;

    @Test
    void writesAndReplaces() throws IOException {
        Path file = folder.resolve("made/on/the/way.txt");
        WholeFile.write(file, new byte[] {1}, MEND);
        WholeFile.write(file, new byte[] {2, 3}, MEND);
        assertThat(file).hasBinaryContent(new byte[] {2, 3});
        assertThat(names(file.getParent())).containsExactly("way.txt");
    }

    @Test
    void isReadByWhomOtherFilesAreReadBy() throws IOException {
        Path other = Files.write(folder.resolve("other"), new byte[] {1});
        Path file = folder.resolve("file");
        WholeFile.write(file, new byte[] {1}, MEND);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(other));
    }

    @Test
    void saysWhyAFileCannotBeWrittenAndLeavesNothing() throws IOException {
        Path inTheWay = Files.createFile(folder.resolve("in-the-way"));
        assertThatThrownBy(() -> WholeFile.write(inTheWay.resolve("file"), new byte[1], MEND))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("is a file, not a folder")
                .hasMessageContaining(MEND);
        Path occupied = Files.createDirectories(folder.resolve("occupied/by/a/folder"));
        Path target = folder.resolve("occupied");
        assertThatThrownBy(() -> WholeFile.write(target, new byte[1], MEND)).isInstanceOf(BadInputException.class);
        assertThat(occupied).exists();
        assertThat(names(folder)).containsExactlyInAnyOrder("in-the-way", "occupied");
    }

    @Test
    void sweepsWhatDeadProcessesLeft() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        String left = "." + dead.pid() + "." + UUID.randomUUID() + ".part";
        String ours = "." + ProcessHandle.current().pid() + "." + UUID.randomUUID() + ".part";
        for (String name : List.of(left, ours, "theirs.part", "file")) {
            Files.createFile(folder.resolve(name));
        }
        WholeFile.sweep(folder);
        assertThat(names(folder)).containsExactlyInAnyOrder(ours, "theirs.part", "file");
        WholeFile.sweep(folder.resolve("absent"));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
