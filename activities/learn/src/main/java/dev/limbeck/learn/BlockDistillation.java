package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Compute;
import dev.limbeck.tensor.Losses;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.Threads;
import java.util.Arrays;
import java.util.Random;

/** Trains a block to do what a part of the teacher does, on the teacher's own activations (Moons et al. 2021, section 3.2). */
public final class BlockDistillation {

    /** Small enough for the processor's caches. */
    private static final int EVALUATION_BATCH = 16;

    private BlockDistillation() {}

    /** As {@link #train(Graph, FloatTensor, FloatTensor, FloatTensor, FloatTensor, BlockOptions, Compute, Progress)}, on the CPU. */
    public static TrainedBlock train(
            Graph block,
            FloatTensor inputs,
            FloatTensor outputs,
            FloatTensor heldOutInputs,
            FloatTensor heldOutOutputs,
            BlockOptions options,
            Progress progress) {
        return train(block, inputs, outputs, heldOutInputs, heldOutOutputs, options, Compute.DEFAULT, progress);
    }

    /**
     * Trains all weights of a block by {@link NoiseToSignal}, from a least-squares start where the block allows one. The same block, activations and options give the same bits.
     *
     * @param block one input, one output, dynamic batch
     * @param inputs [items, ...]: what goes into the teacher's part
     * @param outputs [items, ...]: what the teacher's part makes of it
     * @param heldOutInputs the same for items that are not trained on
     * @param heldOutOutputs the same for items that are not trained on
     * @throws BadInputException if shapes do not fit, an operator cannot be trained, or the loss is no number any more
     */
    public static TrainedBlock train(
            Graph block,
            FloatTensor inputs,
            FloatTensor outputs,
            FloatTensor heldOutInputs,
            FloatTensor heldOutOutputs,
            BlockOptions options,
            Compute compute,
            Progress progress) {
        requireSameItems(block, inputs, outputs);
        requireSameItems(block, heldOutInputs, heldOutOutputs);
        float[] inverseVariance = NoiseToSignal.inverseVariance(outputs);
        int sample = Math.min(inputs.batch(), heldOutInputs.batch());
        SessionOptions session = SessionOptions.defaults().withThreads(options.threads());
        requireSameShape(block, Inference.run(block, inputs.slice(0, 1), 1, session), outputs);
        Task task = new BlockTask(block.name(), inputs, outputs, inverseVariance);
        Threads.limitTo(options.threads());
        Graph begun = LeastSquaresStart.of(block, inputs, outputs);
        Graph trained = Loop.run(begun, task, options.asTrainOptions(), compute, progress, Checkpoints.none())
                .graph();
        return new TrainedBlock(
                trained,
                measure(trained, inputs.slice(0, sample), outputs.slice(0, sample), inverseVariance, session),
                measure(trained, heldOutInputs, heldOutOutputs, inverseVariance, session));
    }

    /**
     * How far a block is from the teacher, computed by ONNX Runtime.
     *
     * @param inverseVariance of the teacher's channels on the training data
     */
    public static double measure(
            Graph block, FloatTensor inputs, FloatTensor outputs, float[] inverseVariance, SessionOptions session) {
        return NoiseToSignal.of(Inference.run(block, inputs, EVALUATION_BATCH, session), outputs, inverseVariance);
    }

    private static void requireSameItems(Graph block, FloatTensor inputs, FloatTensor outputs) {
        if (inputs.batch() != outputs.batch() || inputs.batch() == 0) {
            throw new BadInputException(
                    "block '%s': %d inputs and %d outputs of the teacher; as many of both are needed"
                            .formatted(block.name(), inputs.batch(), outputs.batch()));
        }
    }

    private static void requireSameShape(Graph block, FloatTensor made, FloatTensor wanted) {
        long[] one = wanted.shape().clone();
        one[0] = 1;
        if (!Arrays.equals(made.shape(), one)) {
            throw new BadInputException("block '%s' gives %s for one item; the teacher gives %s"
                    .formatted(block.name(), Arrays.toString(made.shape()), Arrays.toString(one)));
        }
    }

    /** Activations of the teacher before and after its part. */
    private record BlockTask(String name, FloatTensor inputs, FloatTensor outputs, float[] inverseVariance)
            implements Task {

        @Override
        public String label() {
            return "distil block " + name;
        }

        @Override
        public int items() {
            return inputs.batch();
        }

        @Override
        public String digest() {
            // Only checkpoints need it, and a block keeps none.
            return "block";
        }

        @Override
        public FloatTensor input(int[] items, Random random) {
            int size = inputs.itemSize();
            float[] data = new float[items.length * size];
            for (int i = 0; i < items.length; i++) {
                System.arraycopy(inputs.data(), items[i] * size, data, i * size, size);
            }
            long[] shape = inputs.shape().clone();
            shape[0] = items.length;
            return new FloatTensor(data, shape);
        }

        @Override
        public Tensor loss(Tensor output, int[] items) {
            return Losses.noiseToSignal(output, Tensor.gather(outputs, items), inverseVariance);
        }

        @Override
        public double validate(Graph graph) {
            return Double.NaN;
        }
    }
}
