package dev.limbeck.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A disk in memory that is soon full, which only root may make. */
final class SmallDisk implements AutoCloseable {

    private static final String FILLER = "filler";
    private static final int PAGE = 4096;

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Whether this user may make one. */
    static boolean possible() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream().anyMatch(line -> line.startsWith("Uid:\t0\t"));
    }

    /** @param folder becomes the disk */
    static SmallDisk mount(Path folder, int megabytes) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        call("mount", "-t", "tmpfs", "-o", "mode=700,size=" + megabytes + "m", "limbeck", folder.toString());
        return new SmallDisk(folder);
    }

    /** To the last byte. */
    void fill() throws IOException {
        try (OutputStream filler = Files.newOutputStream(folder.resolve(FILLER))) {
            while (true) {
                filler.write(new byte[PAGE]);
            }
        } catch (IOException e) {
            if (folder.toFile().getUsableSpace() >= PAGE) {
                throw e;
            }
        }
    }

    /** As it was before. */
    void makeSpace() throws IOException {
        Files.delete(folder.resolve(FILLER));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        call("umount", folder.toString());
    }

    private static void call(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }
}
