package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Spec;
import dev.limbeck.schemas.Specs;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Digests;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.workflows.RunRequest;
import java.nio.file.Path;
import java.util.List;

/** A spec and the network that it names, both looked at before anything is started. */
record Job(Spec spec, Graph reference) {

    /** @throws BadInputException if there is something to mend in either */
    static Job read(Path file) {
        Spec spec = Specs.read(file);
        Graph reference = Graph.read(Path.of(spec.reference()));
        List<String> unsupported = GraphExecutor.unsupported(reference);
        if (!unsupported.isEmpty()) {
            throw new BadInputException(spec.reference() + ":\n" + String.join("\n", unsupported));
        }
        return new Job(spec, reference);
    }

    /** Puts the network where workers find it. */
    RunRequest request(ArtifactStore store) {
        String digest = store.put(reference.toBytes());
        return new RunRequest(runId(spec, digest), spec, digest);
    }

    /**
     * The same spec and reference are the same run, so that a fleet never does it twice at once.
     *
     * @param reference digest of the network
     */
    static String runId(Spec spec, String reference) {
        return spec.name() + "-" + Digests.ofParts(spec.digest(), reference).substring(0, 12);
    }
}
