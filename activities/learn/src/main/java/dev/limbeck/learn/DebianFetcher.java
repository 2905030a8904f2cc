package dev.limbeck.learn;

import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Takes files out of a package of Debian's archive; needs apt, but neither root nor an installation. */
record DebianFetcher(String packageName) implements FashionMnistSource.Fetcher {

    private static final long TIMEOUT_MINUTES = 5;

    @Override
    public void fetch(Path folder, Progress progress) throws IOException, InterruptedException {
        Path work = Files.createDirectory(folder.resolve("debian"));
        try {
            run(work, "apt-get", "download", packageName);
        } catch (IOException e) {
            progress.report("get Fashion-MNIST", 0, 0, "apt-get update into a folder of its own");
            downloadWithOwnLists(work);
        }
        Path archive = find(work, ".deb");
        Path unpacked = work.resolve("unpacked");
        run(work, "dpkg-deb", "-x", archive.toString(), unpacked.toString());
        for (FashionMnistFile file : FashionMnistFile.values()) {
            Files.move(find(unpacked, file.fileName()), folder.resolve(file.fileName()));
        }
    }

    @Override
    public String place() {
        return "apt-get download " + packageName;
    }

    /** A system whose package lists are empty, as in most containers: fetches them without touching the system's own. */
    private void downloadWithOwnLists(Path work) throws IOException, InterruptedException {
        Path lists = Files.createDirectories(work.resolve("lists"));
        Path cache = Files.createDirectories(work.resolve("cache"));
        Files.createDirectories(lists.resolve("partial"));
        Files.createDirectories(cache.resolve("archives/partial"));
        List<String> command = new ArrayList<>(
                List.of("apt-get", "-o", "Dir::State::lists=" + lists, "-o", "Dir::Cache=" + cache, "update"));
        run(work, command.toArray(String[]::new));
        command.removeLast();
        command.addAll(List.of("download", packageName));
        run(work, command.toArray(String[]::new));
    }

    private static Path find(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.getFileName().toString().endsWith(ending))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the download holds no file *" + ending));
        }
    }

    private static void run(Path folder, String... command) throws IOException, InterruptedException {
        Path log = folder.resolve("log.txt");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new IOException("there is no command " + command[0] + " on this system", e);
        }
        try {
            if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
                throw new IOException(command[0] + " did not end within " + TIMEOUT_MINUTES + " minutes");
            }
        } finally {
            process.destroy();
        }
        if (process.exitValue() != 0) {
            String said = Files.readString(log, StandardCharsets.UTF_8).strip();
            throw new IOException(said.substring(said.lastIndexOf('\n') + 1));
        }
    }
}
