package dev.limbeck.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A limit on the processor time of processes, by a control group of Linux's: version 1 or 2, where this user may make one. A limited
 * process runs as fast as ever within each 10 ms until its share of them is used up, and then stands still.
 */
final class CpuShare implements AutoCloseable {

    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final int PERIOD_MICROS = 10_000;

    private final Path group;

    private CpuShare(Path group) {
        this.group = group;
    }

    /** Whether this user may limit processes here. */
    static boolean possible() {
        return Files.isWritable(parent());
    }

    private static Path parent() {
        Path first = ROOT.resolve("cpu");
        return Files.isDirectory(first) ? first : ROOT;
    }

    /** @param cores how many seconds of processor time a second, such as 0.5 */
    static CpuShare of(String name, double cores) throws IOException {
        Path group = Files.createDirectory(
                parent().resolve("limbeck-" + ProcessHandle.current().pid() + "-" + name));
        String quota = String.format(Locale.ROOT, "%.0f", cores * PERIOD_MICROS);
        Path second = group.resolve("cpu.max");
        if (Files.exists(second)) {
            Files.writeString(second, quota + " " + PERIOD_MICROS);
        } else {
            Files.writeString(group.resolve("cpu.cfs_period_us"), Integer.toString(PERIOD_MICROS));
            Files.writeString(group.resolve("cpu.cfs_quota_us"), quota);
        }
        return new CpuShare(group);
    }

    /** Limits a process from now on, with what it starts. */
    void limit(long pid) throws IOException {
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
    }

    /** Its processes must have ended. */
    @Override
    public void close() throws IOException {
        Files.delete(group);
    }
}
