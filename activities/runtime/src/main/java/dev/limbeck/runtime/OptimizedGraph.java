package dev.limbeck.runtime;

import dev.limbeck.graph.Graph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The graph as ONNX Runtime really runs it on this machine: fused, laid out, with integer kernels where it has them. */
public final class OptimizedGraph {

    static final String FILE = "limbeck-optimized";

    private OptimizedGraph() {}

    /** @return the optimized graph; good for reading which kernels run, not for carrying to other machines */
    public static Graph of(Graph graph, SessionOptions options) {
        try {
            Path file = Files.createTempFile(FILE, ".onnx");
            try {
                Session.openWriting(graph, options, file).close();
                return Graph.parse(Files.readAllBytes(file), graph.name() + " (optimized)");
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the optimized graph cannot be written to the temporary folder", e);
        }
    }
}
