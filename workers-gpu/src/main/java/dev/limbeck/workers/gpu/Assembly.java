package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Graph;
import dev.limbeck.search.Architecture;
import dev.limbeck.search.ArchitectureSampler;
import dev.limbeck.search.Assembler;
import dev.limbeck.search.LayerType;
import dev.limbeck.search.SpaceProfile;
import dev.limbeck.workflows.BlockOutcome;
import dev.limbeck.workflows.Library;
import dev.limbeck.workflows.RunRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Networks put together from the reference and the trained block library. */
final class Assembly {

    private final Artifacts artifacts;
    private final RunRequest run;
    private final SpaceArtifact space;
    private final LibraryArtifact library;

    private Assembly(Artifacts artifacts, RunRequest run, SpaceArtifact space, LibraryArtifact library) {
        this.artifacts = artifacts;
        this.run = run;
        this.space = space;
        this.library = library;
    }

    static Assembly of(Artifacts artifacts, RunRequest run, Library library) {
        return new Assembly(
                artifacts,
                run,
                artifacts.getJson(library.plan(), SpaceArtifact.class),
                artifacts.getJson(library.digest(), LibraryArtifact.class));
    }

    SpaceArtifact space() {
        return space;
    }

    LibraryArtifact library() {
        return library;
    }

    /** The network of an architecture with the library's weights. */
    Graph network(List<Integer> architecture) {
        List<Graph> variants =
                blocks(architecture).stream().map(artifacts::graph).toList();
        return Assembler.assemble(artifacts.graph(run.reference()), space.blocks(), variants);
    }

    /** Digests of an architecture's blocks: what its weights depend on. */
    List<String> blocks(List<Integer> architecture) {
        return outcomes(architecture).stream().map(BlockOutcome::graph).toList();
    }

    /** Held-out noise-to-signal ratios of an architecture's blocks. */
    List<Double> noiseToSignal(List<Integer> architecture) {
        return outcomes(architecture).stream()
                .map(BlockOutcome::validationNoiseToSignal)
                .toList();
    }

    /** Whether every block is the reference's own. */
    boolean isReference(List<Integer> architecture) {
        return IntStream.range(0, architecture.size())
                .allMatch(block ->
                        space.choices().get(block).get(architecture.get(block)).layer() == LayerType.REFERENCE);
    }

    /** The chosen variant's label of every block, by the block's name, in the network's order. */
    Map<String, String> labels(List<Integer> architecture) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int block = 0; block < architecture.size(); block++) {
            labels.put(
                    space.blocks().get(block).name(),
                    space.choices().get(block).get(architecture.get(block)).label());
        }
        return labels;
    }

    /** Number of variants of each block. */
    List<Integer> cardinalities() {
        return space.space().cardinalities();
    }

    /** Held-out noise-to-signal ratio of every variant: [block][variant]. */
    List<List<Double>> noiseToSignal() {
        return library.blocks().stream()
                .map(block -> block.stream()
                        .map(BlockOutcome::validationNoiseToSignal)
                        .toList())
                .toList();
    }

    SpaceProfile profile() {
        return SpaceProfile.of(artifacts.graph(run.reference()), space.space());
    }

    /** Different networks over the whole range of quality and cost. */
    List<List<Integer>> sample(int count, long seed) {
        List<List<Double>> quality = library.blocks().stream()
                .map(block -> block.stream()
                        .map(BlockOutcome::validationNoiseToSignal)
                        .toList())
                .toList();
        SpaceProfile profile = SpaceProfile.of(artifacts.graph(run.reference()), space.space());
        return new ArchitectureSampler(quality, profile.blockMacs())
                .sample(count, seed).stream().map(Architecture::choices).toList();
    }

    private List<BlockOutcome> outcomes(List<Integer> architecture) {
        List<BlockOutcome> outcomes = new ArrayList<>();
        for (int block = 0; block < architecture.size(); block++) {
            outcomes.add(library.block(block, architecture.get(block)));
        }
        return outcomes;
    }
}
