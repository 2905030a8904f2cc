package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images start their JVM as the launcher does; what they are otherwise, the build file says. */
class ImagesTest {

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final String LAUNCHER = DeployFiles.read(HOME.resolve("limbeck"));
    private static final String BUILD = DeployFiles.read(HOME.resolve("pom.xml"));

    @ParameterizedTest
    @CsvSource({"cli/pom.xml, -XX:+UseParallelGC -Xmx3g", "deploy/device/pom.xml, -XX:+UseSerialGC -Xms16m -Xmx1g"})
    void flagsAreTheLaunchers(String file, String memory) {
        assertThat(LAUNCHER).as("memory").contains("memory='" + memory + "'");
        List<String> flags = Pattern.compile("<jvmFlag>(.*)</jvmFlag>")
                .matcher(DeployFiles.read(HOME.resolve(file)))
                .results()
                .map(flag -> flag.group(1))
                // where the launcher leaves libtorch's libraries in the user's cache
                .filter(flag -> !flag.startsWith("-Dorg.bytedeco.javacpp.cachedir="))
                .toList();
        assertThat(flags).containsAll(List.of(memory.split(" ")));
        String start = LAUNCHER.substring(LAUNCHER.lastIndexOf("exec ")) + memory;
        assertThat(flags).allMatch(start::contains);
        assertThat(flags).contains("--enable-native-access=ALL-UNNAMED", "-Xss8m");
    }

    @Test
    void theArchiveStartsAsTheImageDoes() {
        String script = DeployFiles.read(HOME.resolve("deploy/device/src/main/sh/limbeck"));
        Pattern.compile("<jvmFlag>(.*)</jvmFlag>")
                .matcher(DeployFiles.read(HOME.resolve("deploy/device/pom.xml")))
                .results()
                .forEach(flag -> assertThat(script).contains(flag.group(1)));
        assertThat(script).contains(". \"$home/bin/allocator\"");
    }

    @Test
    void memoryIsHandedOutAsTheLauncherSays() {
        Map<String, String> wanted = new TreeMap<>();
        Pattern.compile("(?m)^export (\\w+)=\"?(?:\\$\\{\\w+:-)?([^}\"\\n]+)")
                .matcher(DeployFiles.read(HOME.resolve("bin/allocator")))
                .results()
                .forEach(export -> wanted.put(export.group(1), export.group(2)));
        assertThat(wanted).hasSize(6);
        wanted.forEach((variable, value) -> assertThat(BUILD).contains("<%1$s>%2$s</%1$s>".formatted(variable, value)));
    }

    @Test
    void nobodyIsRoot() {
        assertThat(BUILD).containsPattern("<user>[1-9]\\d{3,}:[1-9]\\d{3,}</user>");
    }
}
