package dev.limbeck.testing;

import com.sun.management.ThreadMXBean;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads files that may be damaged as the product does: parses, checks and infers shapes; each is either read or refused with a message.
 *
 * <p>Time is the thread's own CPU time and memory what the thread allocated, so that neither depends on the machine's load.
 */
public final class ReadingTrial {

    private static final int KEPT_FAILURES = 10;

    private final ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Path folder;
    private final List<String> failures = new ArrayList<>();
    private int files;
    private int read;
    private int inferred;
    private int refused;
    private double slowest;
    private long largest;

    /** @param folder where the files lie while they are read; constants beside them are in {@code weights.bin} */
    public ReadingTrial(Path folder) throws IOException {
        this.folder = folder;
        Files.write(folder.resolve("weights.bin"), new byte[1 << 16]);
        Files.write(folder.resolveSibling("outside.bin"), new byte[1 << 16]);
    }

    public void read(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("mutated.onnx"), bytes);
        files++;
        long allocated = thread.getCurrentThreadAllocatedBytes();
        long start = thread.getCurrentThreadCpuTime();
        try {
            use(Graph.read(file));
        } catch (BadInputException e) {
            refused++;
            if (e.getMessage().length() < 20) {
                fail("says no more than '" + e.getMessage() + "'");
            }
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            fail(e + " at " + (e.getStackTrace().length > 0 ? e.getStackTrace()[0] : "?"));
        }
        slowest = Math.max(slowest, (thread.getCurrentThreadCpuTime() - start) / 1e9);
        largest = Math.max(largest, thread.getCurrentThreadAllocatedBytes() - allocated);
    }

    private void use(Graph graph) {
        read++;
        try {
            ShapeInference.infer(graph, Map.of());
            ShapeInference.infer(graph, ValueInfo.DYNAMIC);
            inferred++;
        } finally {
            graph.toBytes();
        }
    }

    private void fail(String what) {
        if (failures.size() < KEPT_FAILURES) {
            failures.add("file " + files + ": " + what);
        }
    }

    /** What neither was read nor was refused with a message: the first ones. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    public int files() {
        return files;
    }

    /** Files that are graphs, whether or not their shapes fit. */
    public int read() {
        return read;
    }

    /** Files whose shapes were inferred too. */
    public int inferred() {
        return inferred;
    }

    /** Files that got a message, on reading or for their shapes. */
    public int refused() {
        return refused;
    }

    /** CPU seconds of the slowest file. */
    public double slowestSeconds() {
        return slowest;
    }

    /** Bytes that the most demanding file had allocated, those given back in between included. */
    public long largestBytes() {
        return largest;
    }
}
