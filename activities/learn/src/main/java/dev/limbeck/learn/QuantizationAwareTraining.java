package dev.limbeck.learn;

import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.TrainableQuantization;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Compute;
import java.util.Optional;

/** Trains weights and the ends of their grids; bits are given. */
final class QuantizationAwareTraining {

    private QuantizationAwareTraining() {}

    static Quantized train(
            QuantizingData data,
            boolean relaxed,
            QuantizeOptions quantization,
            TrainOptions options,
            Progress progress,
            Checkpoints checkpoints) {
        TrainableQuantization trainable = relaxed
                ? TrainableQuantization.relaxed(data.network(), data.few(), quantization, progress)
                : TrainableQuantization.of(data.network(), data.few(), quantization, progress);
        return finetune(trainable, data, options, progress, checkpoints);
    }

    static Quantized finetune(
            TrainableQuantization trainable,
            QuantizingData data,
            TrainOptions options,
            Progress progress,
            Checkpoints checkpoints) {
        Task task = Distillation.task(
                trainable.graph(), data.logits(options.threads()), data.train(), data.validation(), options);
        Task quantizing = new QuantizingTask(
                task, graph -> trainable.quantized(graph).graph(), parameters -> Optional.empty(), "");
        return trainable.quantized(
                Loop.run(trainable.graph(), quantizing, options, Compute.DEFAULT, progress, checkpoints)
                        .graph());
    }
}
