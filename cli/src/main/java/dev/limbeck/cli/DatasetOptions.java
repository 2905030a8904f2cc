package dev.limbeck.cli;

import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.Splits;
import dev.limbeck.schemas.Progress;
import java.util.Iterator;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which dataset a command works on. */
final class DatasetOptions {

    @Option(
            names = "--data",
            defaultValue = "fashion-mnist",
            paramLabel = "NAME",
            completionCandidates = Names.class,
            description = "Dataset: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private String name;

    @Mixin
    private DataOptions place;

    String name() {
        return name;
    }

    Splits load(Progress progress) {
        return place.load(name, progress);
    }

    /** For help and completion. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Datasets.names().iterator();
        }
    }
}
