package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.learn.Augmentation;
import dev.limbeck.learn.Checkpoints;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.OptimizerKind;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.learn.Trained;
import dev.limbeck.learn.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Trains a network on labels. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = {
            "Trains a network on labelled images.",
            "",
            "Goes on from the checkpoint beside the output where an earlier run of the same command was interrupted. The same seed and "
                    + "number of threads give the same file, byte for byte."
        },
        footer = {"", "Example:", "  limbeck train net.onnx --data fashion-mnist --epochs 15 -o trained.onnx"})
final class TrainCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "MODEL.onnx", description = "The network to train.")
    private Path model;

    @Mixin
    private OutputFile output;

    @Option(
            names = "--epochs",
            defaultValue = "10",
            paramLabel = "N",
            description = "Passes over the images; default: ${DEFAULT-VALUE}.")
    private double epochs;

    @Option(
            names = "--batch",
            defaultValue = "128",
            paramLabel = "N",
            description = "Images a step; default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--optimizer",
            defaultValue = "sgd",
            paramLabel = "NAME",
            description = "sgd (with Nesterov's momentum) or adamw; default: ${DEFAULT-VALUE}.")
    private OptimizerKind optimizer;

    @Option(
            names = "--learning-rate",
            defaultValue = "0.1",
            paramLabel = "X",
            description = "At its highest, after the warm-up; falls to 0 along a cosine. Default: ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(
            names = "--weight-decay",
            defaultValue = "5e-4",
            paramLabel = "X",
            description = "Of the weights of convolutions and other linear layers; default: ${DEFAULT-VALUE}.")
    private double weightDecay;

    @Option(
            names = "--warmup",
            defaultValue = "0.5",
            paramLabel = "EPOCHS",
            description = "In which the learning rate rises to its highest; default: ${DEFAULT-VALUE}.")
    private double warmup;

    @Option(
            names = "--label-smoothing",
            defaultValue = "0",
            paramLabel = "X",
            description = "Share of each label that is spread over all classes; default: ${DEFAULT-VALUE}.")
    private double labelSmoothing;

    @Option(
            names = "--ema",
            defaultValue = "0",
            paramLabel = "X",
            description =
                    "Decay of the moving average of weights that becomes the result; 0 for none. Default: ${DEFAULT-VALUE}.")
    private double ema;

    @Option(
            names = "--shift",
            defaultValue = "2",
            paramLabel = "PIXELS",
            description = "Images move at random by up to so many; default: ${DEFAULT-VALUE}.")
    private int shift;

    @Option(names = "--no-flip", description = "No random horizontal flips.")
    private boolean noFlip;

    @Option(
            names = "--threads",
            defaultValue = "1",
            paramLabel = "N",
            description = "Threads of each operator; default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "N",
            description = "Of everything random; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private DatasetOptions dataset;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        output.check(model);
        Graph graph = dataset.pixels().read(model);
        Path checkpoint = output.path().resolveSibling(output.path().getFileName() + ".checkpoint");
        try (StopSignal stop = new StopSignal();
                ProgressBar progress = new ProgressBar(parent.console(), System::nanoTime)) {
            Splits splits = dataset.load(stop.cancelling(progress)).forTraining(Optional.of(graph));
            Trained trained = Training.train(
                    graph,
                    splits.train(),
                    splits.validation(),
                    options(),
                    stop.cancelling(progress),
                    Checkpoints.file(checkpoint));
            Graph made = provenance(graph, splits).writeTo(trained.graph());
            made.write(output.path());
            Files.deleteIfExists(checkpoint);
            progress.finishLine();
            answer(made, splits);
        } catch (CancellationException e) {
            parent.console().say("limbeck: stopped; the same command goes on where it was");
            return ExitCodes.STOPPED;
        } catch (IOException e) {
            throw new UncheckedIOException(checkpoint + " cannot be deleted", e);
        }
        return ExitCodes.DONE;
    }

    private TrainOptions options() {
        return TrainOptions.defaults()
                .withEpochs(epochs)
                .withBatchSize(batch)
                .withOptimizer(optimizer)
                .withLearningRate(learningRate)
                .withWeightDecay(weightDecay)
                .withWarmupEpochs(warmup)
                .withLabelSmoothing(labelSmoothing)
                .withEmaDecay(ema)
                .withAugmentation(new Augmentation(shift, !noFlip, 0))
                .withThreads(threads)
                .withSeed(seed);
    }

    private Provenance provenance(Graph from, Splits splits) {
        return Provenance.of(
                        "train",
                        "1",
                        Map.of(
                                "epochs",
                                Double.toString(epochs),
                                "options",
                                options().toString()),
                        Map.of("model", from.digest(), "data", dataset.name() + " " + splits.digest()))
                .withSeed(seed);
    }

    private void answer(Graph made, Splits splits) {
        double validation = Evaluation.accuracy(made, splits.validation(), threads);
        double test = Evaluation.accuracy(made, splits.test(), threads);
        if (outputOptions.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("model", output.path().toString());
            answer.put("validationAccuracy", validation);
            answer.put("accuracy", test);
            parent.console().printJson(answer);
        } else {
            parent.console()
                    .print("%s: accuracy %.2f %% on test images, %.2f %% on validation images"
                            .formatted(output.path(), 100 * test, 100 * validation));
        }
    }
}
