package dev.limbeck.cli;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.BatchNormReestimation;
import dev.limbeck.learn.Checkpoints;
import dev.limbeck.learn.Distillation;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.learn.Samples;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.Optional;

/** What becomes of a compressed network by training images: statistics of its batch norms, and its weights. */
final class CompressionTraining {

    /** Images that all is tried on before the work: an operator that cannot be trained would be found out only after it. */
    private static final int TRIED = 2;

    private final Graph network;
    private final Optional<ImageDataset> images;
    private final Samples validation;
    private final TrainOptions options;
    private final int forStatistics;

    private CompressionTraining(
            Graph network, Optional<ImageDataset> images, Samples validation, TrainOptions options, int forStatistics) {
        this.network = network;
        this.images = images;
        this.validation = validation;
        this.options = options;
        this.forStatistics = forStatistics;
    }

    /**
     * Looks at the data and the network before any work is done for them.
     *
     * @param network that the compressed one is to be like
     * @param options of the training; 0 epochs for none
     * @param forStatistics images that batch norms get new statistics from
     * @throws BadInputException if the network is to be trained and cannot be, or not on these data
     */
    static CompressionTraining of(Graph network, SampleSplits splits, TrainOptions options, int forStatistics) {
        boolean trains = options.epochs() > 0;
        Samples wanted = trains ? splits.train() : splits.train().take(forStatistics);
        if (trains && !wanted.hasPixels()) {
            throw new BadInputException(
                    "--epochs trains on images of bytes (uint8), and the data are floats; give images,"
                            + " or leave --epochs out");
        }
        Optional<ImageDataset> images = wanted.hasPixels() && (trains || hasBatchNorms(network))
                ? Optional.of(wanted.fitting(network).inMemory())
                : Optional.empty();
        TrainOptions training = splits.train().isLabelled() ? options : options.withDistillationWeight(1);
        CompressionTraining few = new CompressionTraining(
                network,
                images.map(all -> all.take(TRIED)),
                splits.validation().take(TRIED),
                trains ? training.withEpochs(1) : training,
                TRIED);
        few.trained(few.reestimated(network), Progress.NONE, Checkpoints.none());
        return new CompressionTraining(network, images, splits.validation(), training, forStatistics);
    }

    private static boolean hasBatchNorms(Graph network) {
        return network.nodes().stream().anyMatch(node -> node.op().equals("BatchNormalization"));
    }

    /** What the data do not allow, in words. */
    Optional<String> shortcoming() {
        return images.isEmpty() && hasBatchNorms(network)
                ? Optional.of(
                        "limbeck: batch norms keep their statistics, which are computed anew only from images of bytes"
                                + " (uint8)")
                : Optional.empty();
    }

    /** With statistics of batch norms computed anew. */
    Graph reestimated(Graph compressed) {
        return images.map(all -> BatchNormReestimation.reestimate(compressed, all, forStatistics))
                .orElse(compressed);
    }

    /** Trained to give what the network gives. */
    Graph trained(Graph start, Progress progress, Checkpoints checkpoints) {
        if (options.epochs() == 0) {
            return start;
        }
        ImageDataset train = images.orElseThrow();
        FloatTensor logits = Evaluation.logits(network, train, options.threads());
        ImageDataset judges = validation.fitting(network).inMemory();
        return Distillation.distil(
                        start,
                        logits,
                        labelled(train, logits),
                        judges.isLabelled()
                                ? judges
                                : labelled(judges, Evaluation.logits(network, judges, options.threads())),
                        options,
                        progress,
                        checkpoints)
                .graph();
    }

    /** Without labels soft targets have the whole loss, so labels that are not known may be what the network says. */
    private static ImageDataset labelled(ImageDataset images, FloatTensor logits) {
        if (images.isLabelled()) {
            return images;
        }
        int classes = logits.itemSize();
        int[] labels = new int[images.size()];
        for (int i = 0; i < labels.length; i++) {
            for (int c = 1; c < classes; c++) {
                if (logits.data()[i * classes + c] > logits.data()[i * classes + labels[i]]) {
                    labels[i] = c;
                }
            }
        }
        return new ImageDataset(
                images.pixels(),
                labels,
                images.channels(),
                images.height(),
                images.width(),
                classes,
                images.normalization());
    }
}
