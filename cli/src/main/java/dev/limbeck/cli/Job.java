package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Datasets;
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

    /**
     * @param allowed folders besides the spec's own whose files it may name
     * @throws BadInputException if there is something to mend in either
     */
    static Job read(Path file, List<Path> allowed) {
        Spec spec = Specs.read(file, allowed);
        String data = spec.task().data();
        // a name that is none would be looked for in the folder where the command is given
        if (!Path.of(data).isAbsolute() && !Datasets.names().contains(data)) {
            throw new BadInputException(file + ": there is no dataset, file or folder '" + data
                    + "' beside the spec; known datasets are: " + String.join(", ", Datasets.names()));
        }
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
