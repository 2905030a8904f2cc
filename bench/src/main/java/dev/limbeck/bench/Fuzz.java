package dev.limbeck.bench;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Activation;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.Networks;
import dev.limbeck.testing.OnnxMutations;
import dev.limbeck.testing.ReadingTrial;
import dev.limbeck.testing.ThirdPartyNetwork;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads mutated ONNX files and prints how many were read and refused, the slowest, and the most memory that one took.
 *
 * <p>Arguments: files (100000), seed (1). It ends with exit code 1 if one was neither read nor refused, took more than 1 s, or made
 * more than 1 GB.
 */
public final class Fuzz {

    private static final int FILES = 100_000;

    private Fuzz() {}

    public static void main(String[] arguments) throws IOException {
        int files = arguments.length > 0 ? Integer.parseInt(arguments[0]) : FILES;
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Path folder = Files.createDirectory(Files.createTempDirectory("fuzz").resolve("model"));
        OnnxMutations mutations = new OnnxMutations(networks(), seed);
        ReadingTrial trial = new ReadingTrial(folder);
        long start = System.nanoTime();
        for (int i = 0; i < files; i++) {
            trial.read(mutations.next());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        out.printf(
                "%,d mutated files: %,d read, of %,d of them the shapes inferred, %,d refused with a message; %.0f s%n",
                trial.files(), trial.read(), trial.inferred(), trial.refused(), seconds);
        out.printf(
                "slowest %.3f s of CPU time; largest %.1f MB allocated for one file; peak of the heap %.0f MB of %.0f MB%n",
                trial.slowestSeconds(),
                trial.largestBytes() / 1e6,
                peakHeap() / 1e6,
                Runtime.getRuntime().maxMemory() / 1e6);
        trial.failures().forEach(out::println);
        boolean good = trial.failures().isEmpty() && trial.slowestSeconds() < 1 && trial.largestBytes() < 1e9;
        System.exit(good ? 0 : 1);
    }

    /** Small ones of each kind, in which most of a file is structure, and one that others made. */
    private static List<Graph> networks() {
        ImageInput image = new ImageInput(1, 16, 0.5f, 0.5f);
        return List.of(
                Networks.viT(image, 3, 4, 8, 1, 2, 1),
                Networks.resNet(image, 3, new int[] {4, 8}, new int[] {1, 1}, 1),
                Networks.mobileNetV3Like(
                        image, 3, 4, new int[] {8, 8}, new int[] {1, 2}, 1, 3, 2, Activation.HARDSWISH, true, 16, 1),
                ThirdPartyNetwork.CLASSIFIER.graph());
    }

    private static long peakHeap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
    }
}
