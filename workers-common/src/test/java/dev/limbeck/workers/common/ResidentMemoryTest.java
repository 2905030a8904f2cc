package dev.limbeck.workers.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResidentMemoryTest {

    @TempDir
    private Path folder;

    @Test
    void isReadFromWhatLinuxSays() throws IOException {
        Path status = Files.writeString(folder.resolve("status"), "Name:\tjava\nVmRSS:\t  204800 kB\nThreads:\t31\n");
        assertThat(new ResidentMemory(status).bytes()).isEqualTo(200 << 20);
    }

    @Test
    void isNoNumberElsewhere() {
        assertThat(new ResidentMemory(folder.resolve("none")).bytes()).isNaN();
    }
}
