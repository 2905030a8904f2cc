package dev.limbeck.workers.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How much memory this process takes, with what lies outside the heap: tensors and networks. */
final class ResidentMemory {

    private static final String FIELD = "VmRSS:";
    private static final double BYTES_PER_KIB = 1024;

    private final Path status;

    /** @param status what Linux says of a process: {@code /proc/self/status} */
    ResidentMemory(Path status) {
        this.status = status;
    }

    /** Bytes; not a number on systems that do not say it there. */
    double bytes() {
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith(FIELD))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * BYTES_PER_KIB)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
