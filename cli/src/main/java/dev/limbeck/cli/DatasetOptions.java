package dev.limbeck.cli;

import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.schemas.Progress;
import java.util.Iterator;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which dataset a command works on. */
final class DatasetOptions {

    @Option(
            names = "--data",
            defaultValue = "fashion-mnist",
            paramLabel = "NAME|PATH",
            completionCandidates = Names.class,
            description = "A dataset (${COMPLETION-CANDIDATES}), " + DataOptions.PATHS + "; default: ${DEFAULT-VALUE}.")
    private String name;

    @Mixin
    private DataOptions place;

    @Mixin
    private PixelOptions pixels;

    String name() {
        return name;
    }

    SampleSplits load(Progress progress) {
        SampleSplits data = place.load(name, progress);
        pixels.check(data);
        return data;
    }

    PixelOptions pixels() {
        return pixels;
    }

    /** For help and completion. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Datasets.names().iterator();
        }
    }
}
