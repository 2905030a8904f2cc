package dev.limbeck.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What each node of the graph that really runs costs, by ONNX Runtime's own profiler. Profiling itself costs a little at each node. */
public final class NodeProfile {

    private static final String KERNEL = "_kernel_time";

    private static final int WARM_UP = 5;

    private NodeProfile() {}

    /**
     * @param node its name in the optimized graph
     * @param op without its domain
     * @param micros mean over the middle half of the runs, in microseconds: slow spells of the machine do not count
     */
    public record NodeTime(String node, String op, double micros) {}

    /**
     * @param inputs a tensor for every input of the graph, by name
     * @param runs to time, after a few that are not
     * @return one entry for each node, in the order in which they ran
     */
    public static List<NodeTime> of(Graph graph, Map<String, FloatTensor> inputs, int runs, SessionOptions options) {
        try {
            Path folder = Files.createTempDirectory(OptimizedGraph.FILE);
            Path file = folder.resolve("profile");
            try {
                return read(profile(graph, inputs, runs, options, file));
            } finally {
                try (var files = Files.list(folder)) {
                    for (Path left : files.toList()) {
                        Files.delete(left);
                    }
                }
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the profile cannot be written to the temporary folder", e);
        }
    }

    private static Path profile(
            Graph graph, Map<String, FloatTensor> inputs, int runs, SessionOptions options, Path prefix) {
        try (Session session = Session.openProfiling(graph, options, prefix)) {
            try (PreparedRun run = session.prepare(inputs)) {
                for (int i = 0; i < WARM_UP + runs; i++) {
                    run.run();
                }
            }
            return session.endProfiling();
        }
    }

    private static List<NodeTime> read(Path file) throws IOException {
        Map<String, List<Double>> samples = new LinkedHashMap<>();
        Map<String, String> operators = new LinkedHashMap<>();
        for (JsonNode event : new ObjectMapper().readTree(file.toFile())) {
            String name = event.path("name").asText();
            if (event.path("cat").asText().equals("Node") && name.endsWith(KERNEL)) {
                String node = name.substring(0, name.length() - KERNEL.length());
                operators.put(node, event.path("args").path("op_name").asText());
                samples.computeIfAbsent(node, n -> new ArrayList<>())
                        .add(event.path("dur").asDouble());
            }
        }
        List<NodeTime> times = new ArrayList<>();
        samples.forEach((node, durations) -> times.add(
                new NodeTime(node, operators.get(node), middle(durations.subList(WARM_UP, durations.size())))));
        return times;
    }

    /** Whole microseconds are coarse for small nodes, so that a median would be too. */
    private static double middle(List<Double> durations) {
        List<Double> sorted = durations.stream().sorted().toList();
        int cut = sorted.size() / 4;
        return sorted.subList(cut, sorted.size() - cut).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(0);
    }
}
