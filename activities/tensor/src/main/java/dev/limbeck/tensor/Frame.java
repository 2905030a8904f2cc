package dev.limbeck.tensor;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** The tensors of one run of a graph, seen from the node that runs now. */
final class Frame {

    private final Tensor[] slots;
    private final Mode mode;
    private final boolean tapped;
    private final GeneratorOptional random;
    private int[] inputs;
    private int[] outputs;

    Frame(Tensor[] slots, Mode mode, boolean tapped, GeneratorOptional random) {
        this.slots = slots;
        this.mode = mode;
        this.tapped = tapped;
        this.random = random;
    }

    void enter(int[] nodeInputs, int[] nodeOutputs) {
        inputs = nodeInputs;
        outputs = nodeOutputs;
    }

    Tensor in(int position) {
        return slots[inputs[position]];
    }

    boolean has(int position) {
        return position < inputs.length && inputs[position] >= 0;
    }

    int inputCount() {
        return inputs.length;
    }

    /** An input as libtorch takes those that may be left out. */
    TensorOptional optional(int position) {
        return has(position) ? new TensorOptional(in(position)) : new TensorOptional();
    }

    void out(Tensor value) {
        out(0, value);
    }

    /** Outputs that nobody reads have no slot and are dropped. */
    void out(int position, Tensor value) {
        if (position < outputs.length && outputs[position] >= 0) {
            slots[outputs[position]] = value;
        }
    }

    Mode mode() {
        return mode;
    }

    /** Whether taps may still hold the tensors of this run, so that none may be overwritten. */
    boolean tapped() {
        return tapped;
    }

    /** The executor's own stream of random numbers. */
    GeneratorOptional random() {
        return random;
    }
}
