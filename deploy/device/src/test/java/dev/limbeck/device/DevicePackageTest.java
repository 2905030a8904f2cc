package dev.limbeck.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a device downloads is small, and enough for a device worker. */
@Timeout(120)
class DevicePackageTest {

    private static final long LIMIT = 120_000_000;
    private static final Path TARGET = Path.of("target").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    void isSmall() throws IOException {
        long bytes = 0;
        for (String entry : classPath()) {
            bytes += size(Path.of(entry));
        }
        assertThat(bytes).isBetween(LIMIT / 10, LIMIT);
    }

    @Test
    void holdsNothingThatTrainsOrServes() throws IOException {
        assertThat(classPath())
                .noneMatch(entry -> entry.contains("bytedeco")
                        || entry.contains("kafka_2")
                        || entry.contains("temporal-test")
                        || entry.contains("limbeck-learn")
                        || entry.contains("junit"));
        assertThat(TARGET.resolve("classes/ai/onnxruntime/native"))
                .as("systems that ONNX Runtime is for")
                .isDirectoryContaining("glob:**/linux-x64")
                .isDirectoryContaining("glob:**/linux-aarch64")
                .isDirectoryNotContaining("glob:**/{osx,win}*");
    }

    @Test
    void knowsTheDeviceWorkersOptions() throws Exception {
        assertThat(limbeck("worker", "device", "--help"))
                .startsWith("0\n")
                .contains("--class", "--serial", "--canary-minutes", "--temporal", "--kafka", "--store");
    }

    @Test
    void saysWhichServersItNeeds() throws Exception {
        assertThat(limbeck("worker", "device")).startsWith("2\n").contains("give --kafka HOST:PORT");
        assertThat(limbeck("run", "spec.yaml")).startsWith("2\n").contains("run");
    }

    /** Runs it as its image does. @return its exit code, and what it says */
    private String limbeck(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
        command.add("dev.limbeck.cli.DeviceLimbeck");
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("CLASSPATH", String.join(File.pathSeparator, classPath()));
        builder.environment().keySet().removeIf(name -> name.startsWith("TEMPORAL_") || name.startsWith("LIMBECK_"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + "\n" + said;
    }

    /** This module's own classes, and what the build says that it needs at run time. */
    private static List<String> classPath() throws IOException {
        List<String> entries = new ArrayList<>(List.of(TARGET.resolve("classes").toString()));
        entries.addAll(
                List.of(Files.readString(TARGET.resolve("classpath")).strip().split(File.pathSeparator)));
        return entries;
    }

    /** Bytes; of a folder, as a jar of it would have. */
    private static long size(Path entry) throws IOException {
        if (Files.isRegularFile(entry)) {
            return Files.size(entry);
        }
        Counter counter = new Counter();
        try (Stream<Path> files = Files.walk(entry);
                OutputStream out = new DeflaterOutputStream(counter)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, out);
            }
        }
        return counter.bytes;
    }

    private static final class Counter extends OutputStream {

        private long bytes;

        @Override
        public void write(int value) {
            bytes++;
        }

        @Override
        public void write(byte[] values, int offset, int length) {
            bytes += length;
        }
    }
}
