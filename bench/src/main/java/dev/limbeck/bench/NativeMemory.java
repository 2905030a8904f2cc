package dev.limbeck.bench;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Activation;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.MobileNetPlan;
import dev.limbeck.learn.Networks;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Losses;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Optimizer;
import dev.limbeck.tensor.Optimizers;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import dev.limbeck.tensor.Threads;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Trains for many steps and prints the process's resident memory: growth after the first steps is a leak of native memory.
 *
 * <p>Start it with a fixed heap ({@code -Xms300m -Xmx300m -XX:+AlwaysPreTouch}), so that what grows is native. Arguments: steps
 * (10000), batch (32). It ends with exit code 1 if memory grew by more than 10 % from a tenth of the steps to the end.
 */
public final class NativeMemory {

    private static final double ALLOWED_GROWTH = 1.10;
    private static final Path STATUS = Path.of("/proc/self/status");

    private NativeMemory() {}

    public static void main(String[] arguments) throws IOException {
        int steps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
        int batch = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 32;
        Threads.limitTo(1);
        long settled = 0;
        long last = 0;
        try (GraphExecutor executor = GraphExecutor.compile(network());
                Optimizer optimizer = Optimizers.sgd(executor.parameters(), 0.9, true, 5e-4)) {
            FloatTensor images = images(256);
            SplittableRandom random = new SplittableRandom(1);
            for (int step = 1; step <= steps; step++) {
                try (TensorScope scope = TensorScope.open()) {
                    int[] items = random.ints(batch, 0, images.batch()).toArray();
                    int[] labels = random.ints(batch, 0, 10).toArray();
                    optimizer.zeroGradients();
                    Tensor logits = executor.forward(Tensor.gather(images, items), Mode.TRAIN);
                    Losses.crossEntropy(logits, labels, 0.1).backward();
                    optimizer.step(0.01);
                }
                if (step % Math.max(1, steps / 20) == 0 || step == steps / 10) {
                    last = residentKilobytes();
                    settled = step == steps / 10 ? last : settled;
                    out().printf("step %6d  %7.1f MB resident%n", step, last / 1024.0);
                }
            }
        }
        double growth = (double) last / settled;
        out().printf("from step %d to %d: %.3f of the memory%n", steps / 10, steps, growth);
        if (growth > ALLOWED_GROWTH) {
            System.exit(1);
        }
    }

    private static PrintStream out() {
        return System.out;
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow(() -> new IOException(STATUS + " has no VmRSS; this needs Linux"));
    }

    static FloatTensor images(int count) {
        SplittableRandom random = new SplittableRandom(2);
        float[] pixels = new float[count * 28 * 28];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return new FloatTensor(pixels, count, 1, 28, 28);
    }

    /** A MobileNetV3-like network for images of 28x28: a stem of stride 2 and 8 inverted residuals with squeeze-and-excitation. */
    static Graph network() {
        MobileNetPlan plan = MobileNetPlan.uniform(
                16, new int[] {24, 32, 64, 96}, new int[] {1, 2, 2, 1}, 2, 3, 4, Activation.HARDSWISH, true, 192);
        MobileNetPlan halved = new MobileNetPlan(plan.stem(), 2, plan.activation(), plan.stages(), plan.head());
        return Networks.mobileNet("bench", new ImageInput(1, 28, 0.5f, 0.5f), 10, halved, 1);
    }
}
