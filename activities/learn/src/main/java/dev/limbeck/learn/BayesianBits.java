package dev.limbeck.learn;

import dev.limbeck.quantize.GatedQuantization;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
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
final class BayesianBits {

    /** Of the epochs, as in the paper: 30 with gates, 10 with them fixed. */
    private static final double SHARE_WITH_GATES = 0.75;

    private BayesianBits() {}

    static QuantizationTraining.Outcome train(
            QuantizingData data,
            QuantizeOptions quantization,
            TrainOptions options,
            double strength,
            Progress progress,
            Checkpoints gates,
            Checkpoints fixed) {
        GatedQuantization gated = GatedQuantization.of(data.network(), data.few(), quantization, progress);
        TrainOptions withGates = options.withEpochs(SHARE_WITH_GATES * options.epochs());
        Task task = new QuantizingTask(
                Distillation.task(
                        gated.graph(), data.logits(options.threads()), data.train(), data.validation(), withGates),
                graph -> gated.decide(graph).network(),
                parameters ->
                        Optional.of(gated.cost(name -> tensor(parameters, name)).times(strength)),
                " strength " + strength);
        Trained trained = Loop.run(gated.graph(), task, withGates, Compute.DEFAULT, progress, gates);
        GatedQuantization.Decided decided = gated.decide(trained.graph());
        Quantized quantized = QuantizationAwareTraining.finetune(
                decided.trainable(),
                data,
                options.withEpochs((1 - SHARE_WITH_GATES) * options.epochs()),
                progress,
                fixed);
        return new QuantizationTraining.Outcome(quantized, Optional.of(decided.report()));
    }

    private static Tensor tensor(List<Parameter> parameters, String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow()
                .tensor();
    }
}
