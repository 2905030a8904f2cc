package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script by which the launcher finds a JDK, with folders that look like JDKs. */
@DisabledOnOs(OS.WINDOWS)
class FindJdkTest {

    private static final Path SCRIPT =
            Path.of("..", "bin", "find-jdk").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    @Test
    void javaHomeComesFirst() throws Exception {
        Path wanted = jdk("jdk-21", "21.0.9", true);
        assertThat(find(wanted)).isEqualTo(wanted.toString());
    }

    @Test
    void whatIsTooOldIsPassedOver() throws Exception {
        assertThat(find(jdk("jdk-17", "17.0.15", true))).doesNotContain("jdk-17");
        assertThat(find(jdk("jdk-8", "1.8.0_402", true))).doesNotContain("jdk-8");
    }

    @Test
    void whatCannotCompileIsPassedOver() throws Exception {
        assertThat(find(jdk("jre-25", "25.0.1", false))).doesNotContain("jre-25");
    }

    private Path jdk(String name, String version, boolean compiler) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        executable(home.resolve("bin").resolve("java"));
        if (compiler) {
            executable(home.resolve("bin").resolve("javac"));
        }
        return home;
    }

    private static void executable(Path file) throws IOException {
        Files.writeString(file, "");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static String find(Path javaHome) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", javaHome.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return output;
    }
}
