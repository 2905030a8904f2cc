package dev.limbeck.learn;

import dev.limbeck.graph.Graph;
import dev.limbeck.quantize.BitReport;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.Optional;

/**
 * A way to quantize a network by training it in the form in which it will be quantized, by what the float network gives (Hinton et al.
 * 2015).
 *
 * @param strength of Bayesian Bits: weight of the gates' cost in the loss (mu), above 0; the more, the fewer bits and channels are left.
 *     0 for the other methods
 * @param options of the training; of Bayesian Bits the epochs are those with gates and those with gates fixed together
 */
public record QuantizationTraining(Method method, double strength, TrainOptions options) {

    /** How values meet their grids in training. */
    public enum Method {
        /** Values are rounded, and the ends of grids are learned (LSQ, Esser et al. 2020). */
        QAT("QAT"),
        /** Values fall to one of the two points of the grid around them at random (Louizos et al. 2019). */
        RELAXED("relaxed"),
        /** Bits of weights and activations, and which channels there are, are learned too (van Baalen et al. 2020). */
        BAYESIAN_BITS("Bayesian Bits");

        private final String label;

        Method(String label) {
            this.label = label;
        }

        /** As people write it. */
        public String label() {
            return label;
        }
    }

    /** What came out: an ordinary quantized network. @param report of its bits and channels, where these were learned */
    public record Outcome(Quantized quantized, Optional<BitReport> report) {}

    /** @throws BadInputException if Bayesian Bits have no strength */
    public QuantizationTraining {
        if (method == Method.BAYESIAN_BITS && !(strength > 0 && Double.isFinite(strength))) {
            throw new BadInputException("the strength is " + strength + "; give a number above 0, such as 0.01");
        }
    }

    /** Three epochs of AdamW; the learning rate suits networks of 4 bits, and does not harm those of 8. */
    public static QuantizationTraining qat() {
        return new QuantizationTraining(Method.QAT, 0, options(3).withLearningRate(3e-3));
    }

    /** Three epochs of AdamW. */
    public static QuantizationTraining relaxed() {
        return new QuantizationTraining(Method.RELAXED, 0, options(3));
    }

    /** Four epochs of AdamW, three of them with gates. */
    public static QuantizationTraining bayesianBits(double strength) {
        return new QuantizationTraining(Method.BAYESIAN_BITS, strength, options(4));
    }

    private static TrainOptions options(double epochs) {
        return TrainOptions.finetuning()
                .withEpochs(epochs)
                .withLearningRate(1e-3)
                .withBatchSize(64)
                .withWeightDecay(0);
    }

    /** The same method, trained otherwise. */
    public QuantizationTraining with(TrainOptions other) {
        return new QuantizationTraining(method, strength, other);
    }

    /**
     * The same arguments give the same bytes, also when the work was interrupted and taken up from its checkpoints.
     *
     * @param network of floats; it is the teacher too
     * @param train labels do not matter unless {@link TrainOptions#distillationWeight} is below 1
     * @param validation accuracy on these is reported after each epoch; may be empty
     * @param calibrationImages of the training images, which the first ranges are chosen by
     * @param quantization of Bayesian Bits, with the most bits that weights and activations may have
     * @param checkpoints of this network with these images and options, and no others
     * @param fixed the same, for the time when the gates of Bayesian Bits are fixed
     * @throws BadInputException if the network cannot be quantized or trained so, or the loss is no number any more
     */
    public Outcome train(
            Graph network,
            ImageDataset train,
            ImageDataset validation,
            int calibrationImages,
            QuantizeOptions quantization,
            Progress progress,
            Checkpoints checkpoints,
            Checkpoints fixed) {
        QuantizingData data = QuantizingData.of(network, train, validation, calibrationImages);
        if (method == Method.BAYESIAN_BITS) {
            return BayesianBits.train(data, quantization, options, strength, progress, checkpoints, fixed);
        }
        boolean relaxed = method == Method.RELAXED;
        return new Outcome(
                QuantizationAwareTraining.train(data, relaxed, quantization, options, progress, checkpoints),
                Optional.empty());
    }
}
