package dev.limbeck.cli;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.Networks;
import dev.limbeck.schemas.Progress;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Writes a new network with random weights. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        description = "Writes a new network with random weights as ONNX, ready to be trained.",
        footer = {"", "Example:", "  limbeck new mobilenetv3-mini --data fashion-mnist -o net.onnx"})
final class NewCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(
            paramLabel = "NETWORK",
            completionCandidates = NetworkNames.class,
            description = "One of: ${COMPLETION-CANDIDATES}.")
    private String network;

    @Mixin
    private OutputFile output;

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "N",
            description = "Seed of the weights; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private DatasetOptions dataset;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        output.check();
        ImageDataset own =
                dataset.load(Progress.NONE).forTraining(Optional.empty()).train();
        ImageDataset images =
                dataset.pixels().normalization().map(own::withNormalization).orElse(own);
        ImageInput input = ImageInput.of(images);
        Graph graph = Networks.byName(network, input, images.classes(), seed);
        graph.write(output.path());
        Cost cost = Cost.of(graph);
        if (outputOptions.json()) {
            parent.console()
                    .printJson(Map.of(
                            "model", output.path().toString(), "macs", cost.macs(), "parameters", cost.parameters()));
        } else {
            parent.console()
                    .print("%s: %s, %.2f M MACs, %,d parameters"
                            .formatted(output.path(), network, cost.macs() / 1e6, cost.parameters()));
        }
        return ExitCodes.DONE;
    }

    /** For help and completion. */
    static final class NetworkNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Networks.names().iterator();
        }
    }
}
