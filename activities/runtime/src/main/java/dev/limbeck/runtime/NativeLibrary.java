package dev.limbeck.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.CodeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;

/**
 * ONNX Runtime's native library. Left to itself, its jar writes the library's tens of megabytes to the temporary folder at each start,
 * where they stay when the process is killed. Here it is written once, to a folder of the user's cache that its checksum names.
 */
final class NativeLibrary {

    private static final String PATH = "onnxruntime.native.path";
    private static final String RESOURCES = "ai/onnxruntime/native/";
    private static final List<String> LEFT_BY_KILLED = List.of("onnxruntime-java*", OptimizedGraph.FILE + "*");
    private static final Duration SURELY_LEFT = Duration.ofHours(1);

    private NativeLibrary() {}

    private static final class Holder {
        static final OrtEnvironment ENVIRONMENT = load();
    }

    /** Loads the library the first time. */
    static OrtEnvironment environment() {
        return Holder.ENVIRONMENT;
    }

    private static OrtEnvironment load() {
        if (System.getProperty(PATH) == null) {
            cacheFolder()
                    .flatMap(NativeLibrary::unpack)
                    .ifPresent(folder -> System.setProperty(PATH, folder.toString()));
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try {
            // it reports to Microsoft; the launcher's ORT_DISABLE_TELEMETRY stops that altogether, this where somebody
            // else starts us
            environment.setTelemetry(false);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime's telemetry cannot be switched off", e);
        }
        sweep(Path.of(System.getProperty("java.io.tmpdir")), Instant.now().minus(SURELY_LEFT));
        return environment;
    }

    private static Optional<Path> cacheFolder() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        String home = System.getProperty("user.home");
        if (xdg != null && !xdg.isEmpty()) {
            return Optional.of(Path.of(xdg, "limbeck"));
        }
        return Optional.ofNullable(home).map(folder -> Path.of(folder, ".cache", "limbeck"));
    }

    /** @return the folder with the libraries; empty where the jar's own way is to be taken: no jar, or no such folder can be written */
    static Optional<Path> unpack(Path cache) {
        CodeSource source = OrtEnvironment.class.getProtectionDomain().getCodeSource();
        try (JarFile jar = new JarFile(Path.of(source.getLocation().toURI()).toFile(), false)) {
            String prefix = RESOURCES + platform() + "/";
            List<JarEntry> libraries = jar.stream()
                    .filter(entry -> entry.getName().startsWith(prefix)
                            && !entry.isDirectory()
                            && entry.getName().indexOf('/', prefix.length()) < 0)
                    .toList();
            if (libraries.isEmpty()) {
                return Optional.empty();
            }
            Path folder = Files.createDirectories(cache.resolve("onnxruntime").resolve(checksum(libraries)));
            for (JarEntry library : libraries) {
                unpack(jar, library, folder.resolve(library.getName().substring(prefix.length())));
            }
            return Optional.of(folder);
        } catch (Exception e) {
            // a read-only home, for instance: what follows reports what is wrong with the jar, should that be the
            // reason
            return Optional.empty();
        }
    }

    /** As the jar's folders are named. */
    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return (system.contains("mac") ? "osx" : system.contains("win") ? "win" : "linux")
                + (processor.equals("amd64") || processor.equals("x86_64") ? "-x64" : "-" + processor);
    }

    private static String checksum(List<JarEntry> libraries) {
        CRC32 crc = new CRC32();
        libraries.forEach(library -> crc.update((library.getName() + library.getCrc()).getBytes()));
        return "%08x".formatted(crc.getValue());
    }

    /** One process writes at a time, aside; the lock of one that is killed is free again, and its half file is overwritten. */
    private static void unpack(JarFile jar, JarEntry library, Path file) throws IOException {
        if (isWhole(file, library)) {
            return;
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (FileChannel channel = FileChannel.open(
                        file.resolveSibling("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!isWhole(file, library)) {
                try (InputStream bytes = jar.getInputStream(library)) {
                    Files.copy(bytes, part, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private static boolean isWhole(Path file, JarEntry library) throws IOException {
        return Files.exists(file) && Files.size(file) == library.getSize();
    }

    /** Removes empty folders of the library's and files of ours, older than a moment, that processes left when they were killed. */
    static void sweep(Path temporary, Instant before) {
        for (String left : LEFT_BY_KILLED) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary, left)) {
                for (Path file : files) {
                    remove(file, before);
                }
            } catch (IOException e) {
                // a folder that cannot be listed holds nothing of ours
            }
        }
    }

    private static void remove(Path file, Instant before) {
        try {
            if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                Files.delete(file);
            }
        } catch (IOException e) {
            // in use, somebody else's, or already gone
        }
    }
}
