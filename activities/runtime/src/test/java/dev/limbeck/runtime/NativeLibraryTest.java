package dev.limbeck.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

    /** Runs a network and is killed. */
    static final class Killed {
        public static void main(String[] arguments) {
            RuntimeVersion.current();
            Runtime.getRuntime().halt(0);
        }
    }

    @TempDir
    private Path folder;

    @Test
    void aProcessThatIsKilledLeavesNoFiles() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path cache = Files.createDirectory(folder.resolve("cache"));
        for (int start = 0; start < 2; start++) {
            startAndKill(temporary, cache);
        }
        assertThat(files(temporary)).isEmpty();
        assertThat(files(cache))
                .filteredOn(name -> name.contains("onnxruntime"))
                .isNotEmpty();
        assertThat(files(cache)).noneMatch(name -> name.endsWith(".part"));
        assertThat(cache.resolve("Microsoft")).doesNotExist();
    }

    private static void startAndKill(Path temporary, Path cache) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temporary,
                        Killed.class.getName())
                .inheritIO();
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("TMPDIR", temporary.toString());
        builder.environment().put("XDG_CACHE_HOME", cache.toString());
        Process process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .toList();
        }
    }

    @Test
    void aHalfFileIsWrittenAnew() throws IOException {
        Path whole = NativeLibrary.unpack(folder).orElseThrow();
        Path library = whole.resolve(System.mapLibraryName("onnxruntime4j_jni"));
        long size = Files.size(library);
        Files.write(library, new byte[] {1, 2, 3});
        assertThat(NativeLibrary.unpack(folder)).contains(whole);
        assertThat(library).hasSize(size);
    }

    @Test
    void aFolderThatCannotBeWrittenIsNoFailure() throws IOException {
        assertThat(NativeLibrary.unpack(Files.createFile(folder.resolve("file"))))
                .isEmpty();
    }

    @Test
    void whatWasLeftLongAgoGoes() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("onnxruntime-java17"));
        Path used = Files.createDirectory(folder.resolve("onnxruntime-java18"));
        Files.createFile(used.resolve("libonnxruntime.so"));
        Path graph = Files.createFile(folder.resolve("limbeck-optimized19.onnx"));
        Path other = Files.createFile(folder.resolve("other"));
        NativeLibrary.sweep(folder, Instant.now().minusSeconds(60));
        assertThat(empty).exists();
        NativeLibrary.sweep(folder, Instant.now().plusSeconds(60));
        assertThat(empty).doesNotExist();
        assertThat(graph).doesNotExist();
        assertThat(used).exists();
        assertThat(other).exists();
    }
}
