package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.quantize.BitReport;
import dev.limbeck.quantize.GatedQuantization;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Compute;
import dev.limbeck.tensor.Parameter;
import dev.limbeck.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Learns the bits of each weight and activation, and which channels a network can do without, by what the float network gives (Bayesian
 * Bits, van Baalen et al. 2020): first with gates that are drawn at random and cost what they let through, then with the gates fixed.
 */
public final class BayesianBits {

    /** Of the epochs, as in the paper: 30 with gates, 10 with them fixed. */
    private static final double SHARE_WITH_GATES = 0.75;

    private BayesianBits() {}

    /** Four epochs of AdamW, three of them with gates. */
    public static TrainOptions options() {
        return QuantizationAwareTraining.options().withEpochs(4);
    }

    /** What came out: an ordinary quantized network, and its bits and channels. */
    public record Outcome(Quantized quantized, BitReport report) {}

    /**
     * The same arguments give the same bytes, also when the work was interrupted and taken up from its checkpoints.
     *
     * @param network of floats; it is the teacher too
     * @param train labels do not matter unless {@link TrainOptions#distillationWeight} is below 1
     * @param validation accuracy on these is reported after each epoch; may be empty
     * @param calibrationImages of the training images, which the first ranges are chosen by
     * @param quantization with the most bits that weights and activations may have
     * @param options the epochs are those with gates and those with gates fixed together
     * @param strength weight of the gates' cost in the loss (mu), above 0; the more, the fewer bits and channels are left
     * @param gates checkpoints of this network with these images and options, and no others
     * @param fixed the same, for the time when gates are fixed
     * @throws BadInputException if the network cannot be quantized or trained so, or the loss is no number any more
     */
    public static Outcome train(
            Graph network,
            ImageDataset train,
            ImageDataset validation,
            int calibrationImages,
            QuantizeOptions quantization,
            TrainOptions options,
            double strength,
            Progress progress,
            Checkpoints gates,
            Checkpoints fixed) {
        if (!(strength > 0 && Double.isFinite(strength))) {
            throw new BadInputException("the strength is " + strength + "; give a number above 0, such as 0.01");
        }
        ImageDataset images = train.fitting(network);
        GatedQuantization gated = GatedQuantization.of(
                network, QuantizationAwareTraining.few(images, calibrationImages), quantization, progress);
        TrainOptions withGates = options.withEpochs(SHARE_WITH_GATES * options.epochs());
        FloatTensor teacher = Evaluation.logits(network, images, options.threads());
        Task task = new QuantizingTask(
                Distillation.task(gated.graph(), teacher, images, validation, withGates),
                graph -> gated.decide(graph).trainable().graph(),
                parameters ->
                        Optional.of(gated.cost(name -> tensor(parameters, name)).times(strength)));
        Trained trained = Loop.run(gated.graph(), task, withGates, Compute.DEFAULT, progress, gates);
        GatedQuantization.Decided decided = gated.decide(trained.graph());
        Quantized quantized = QuantizationAwareTraining.finetune(
                decided.trainable(),
                network,
                images,
                validation,
                options.withEpochs((1 - SHARE_WITH_GATES) * options.epochs()),
                progress,
                fixed);
        return new Outcome(quantized, decided.report());
    }

    private static Tensor tensor(List<Parameter> parameters, String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow()
                .tensor();
    }
}
