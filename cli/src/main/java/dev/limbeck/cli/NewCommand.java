package dev.limbeck.cli;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.Networks;
import dev.limbeck.schemas.Progress;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
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

    @Option(
            names = "--data",
            defaultValue = "fashion-mnist",
            paramLabel = "NAME",
            completionCandidates = DatasetNames.class,
            description = "Dataset that the network is for (${COMPLETION-CANDIDATES}); default: ${DEFAULT-VALUE}.")
    private String data;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The ONNX file to write.")
    private Path output;

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "N",
            description = "Seed of the weights; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        ImageDataset images = dataOptions.load(data, Progress.NONE).train();
        ImageInput input = new ImageInput(images.channels(), images.height(), images.mean(), images.std());
        Graph graph = Networks.byName(network, input, images.classes(), seed);
        graph.write(output);
        Cost cost = Cost.of(graph);
        if (outputOptions.json()) {
            parent.console()
                    .printJson(
                            Map.of("model", output.toString(), "macs", cost.macs(), "parameters", cost.parameters()));
        } else {
            parent.console()
                    .print("%s: %s, %.2f M MACs, %,d parameters"
                            .formatted(output, network, cost.macs() / 1e6, cost.parameters()));
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

    /** For help and completion. */
    static final class DatasetNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Datasets.names().iterator();
        }
    }
}
