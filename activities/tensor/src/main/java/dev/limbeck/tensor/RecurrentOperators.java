package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * LSTM, GRU and RNN over sequences [steps, batch, inputs], forward, reverse or both.
 *
 * <p>Sequences of one length run in libtorch's layers, whose gates are in another order than ONNX's. What those lack, sequences of
 * different lengths and GRUs that reset the state before its product, runs step by step.
 */
final class RecurrentOperators {

    private static final int WEIGHT = 1;
    private static final int RECURRENCE = 2;
    private static final int BIAS = 3;
    private static final int LENGTHS = 4;
    private static final int INITIAL_HIDDEN = 5;
    private static final int INITIAL_CELL = 6;
    private static final int PEEPHOLES = 7;

    private RecurrentOperators() {}

    static void register(Operators table) {
        table.add("LSTM", c -> compile(c, lstm(c)))
                .add("GRU", c -> compile(c, gru(c)))
                .add("RNN", c -> compile(c, rnn(c)));
    }

    /**
     * Weights of one direction, with the gates one below the other.
     *
     * @param input [gates * hidden, inputs]
     * @param recurrence [gates * hidden, hidden]
     * @param inputBias [gates * hidden], null where there is none
     * @param recurrenceBias as the other bias
     */
    private record Weights(Tensor input, Tensor recurrence, Tensor inputBias, Tensor recurrenceBias) {

        long hidden() {
            return recurrence.size(1);
        }

        /** Gates in libtorch's order, as its layers take their parameters. */
        TensorVector ordered(int... gates) {
            TensorVector ordered = new TensorVector();
            for (Tensor tensor : inputBias == null
                    ? List.of(input, recurrence)
                    : List.of(input, recurrence, inputBias, recurrenceBias)) {
                TensorVector parts = new TensorVector();
                for (int gate : gates) {
                    parts.push_back(gate(tensor, gate, 1));
                }
                ordered.push_back(torch.cat(parts, 0));
            }
            return ordered;
        }

        Tensor gate(Tensor tensor, int first, int count) {
            return tensor.narrow(0, first * hidden(), count * hidden());
        }

        /** Product of the state with some gates' recurrence, plus their bias. */
        Tensor recur(Tensor state, int first, int count) {
            Tensor weight = gate(recurrence, first, count);
            return inputBias == null
                    ? torch.linear(state, weight)
                    : torch.linear(state, weight, new TensorOptional(gate(recurrenceBias, first, count)));
        }

        /** The part of the gates that comes from the inputs, for all steps at once. */
        Tensor gates(Tensor x) {
            return inputBias == null ? torch.linear(x, input) : torch.linear(x, input, new TensorOptional(inputBias));
        }
    }

    /** What a layer computes, without regard to direction. */
    private interface Layer {
        /** The hidden state, and for LSTM the cell's. */
        int states();

        /** Whether {@link #all} can be used. */
        boolean fused();

        /**
         * All steps at once.
         *
         * @param states each [1, batch, hidden]
         * @return outputs [steps, batch, hidden], then the states after the last step
         */
        Tensor[] all(Tensor x, Weights weights, Tensor[] states, boolean train);

        /**
         * One step.
         *
         * @param gates [batch, gates * hidden] from the inputs
         * @param states each [batch, hidden]
         * @return the states after it; the first is the output
         */
        Tensor[] step(Tensor gates, Weights weights, Tensor[] states);
    }

    private static Layer lstm(NodeContext c) {
        c.require(c.node().integer("input_forget", 0) == 0, "input_forget is not supported");
        c.require(!c.node().hasInput(PEEPHOLES), "peepholes (input P) are not supported");
        requireActivations(c, "Sigmoid", "Tanh", "Tanh");
        return new Lstm();
    }

    private static Layer gru(NodeContext c) {
        requireActivations(c, "Sigmoid", "Tanh");
        return new Gru(c.node().integer("linear_before_reset", 0) != 0);
    }

    private static Layer rnn(NodeContext c) {
        boolean relu = activations(c.node()).stream().anyMatch(a -> a.equalsIgnoreCase("Relu"));
        requireActivations(c, relu ? "Relu" : "Tanh");
        return new Rnn(relu);
    }

    private static List<String> activations(Node node) {
        List<String> names = new ArrayList<>();
        node.attribute("activations").ifPresent(a -> a.getStringsList().forEach(s -> names.add(s.toStringUtf8())));
        return names;
    }

    private static void requireActivations(NodeContext c, String... usual) {
        List<String> given = activations(c.node());
        for (int i = 0; i < given.size(); i++) {
            c.require(
                    given.get(i).equalsIgnoreCase(usual[i % usual.length]),
                    "activations " + given + " are not supported, only " + List.of(usual));
        }
    }

    private record Lstm() implements Layer {
        @Override
        public int states() {
            return 2;
        }

        @Override
        public boolean fused() {
            return true;
        }

        // ONNX: input, output, forget, cell; libtorch: input, forget, cell, output
        @Override
        public Tensor[] all(Tensor x, Weights weights, Tensor[] states, boolean train) {
            T_TensorTensorTensor_T result = torch.lstm(
                    x,
                    new TensorVector(states),
                    weights.ordered(0, 2, 3, 1),
                    weights.inputBias() != null,
                    1,
                    0,
                    train,
                    false,
                    false);
            return new Tensor[] {result.get0(), result.get1(), result.get2()};
        }

        @Override
        public Tensor[] step(Tensor gates, Weights weights, Tensor[] states) {
            TensorVector all = torch.chunk(gates.add(weights.recur(states[0], 0, 4)), 4, 1);
            Tensor cell = torch.sigmoid(all.get(2))
                    .mul(states[1])
                    .add(torch.sigmoid(all.get(0)).mul(torch.tanh(all.get(3))));
            return new Tensor[] {torch.sigmoid(all.get(1)).mul(torch.tanh(cell)), cell};
        }
    }

    /** @param linearBeforeReset whether the state is multiplied by the weights before it is reset, as in libtorch and cuDNN */
    private record Gru(boolean linearBeforeReset) implements Layer {
        @Override
        public int states() {
            return 1;
        }

        @Override
        public boolean fused() {
            return linearBeforeReset;
        }

        // ONNX: update, reset, new; libtorch: reset, update, new
        @Override
        public Tensor[] all(Tensor x, Weights weights, Tensor[] states, boolean train) {
            return pair(torch.gru(
                    x, states[0], weights.ordered(1, 0, 2), weights.inputBias() != null, 1, 0, train, false, false));
        }

        @Override
        public Tensor[] step(Tensor gates, Weights weights, Tensor[] states) {
            TensorVector inputs = torch.chunk(gates, 3, 1);
            TensorVector recurrent = torch.chunk(weights.recur(states[0], 0, 2), 2, 1);
            Tensor update = torch.sigmoid(inputs.get(0).add(recurrent.get(0)));
            Tensor reset = torch.sigmoid(inputs.get(1).add(recurrent.get(1)));
            Tensor kept = linearBeforeReset
                    ? reset.mul(weights.recur(states[0], 2, 1))
                    : weights.recur(reset.mul(states[0]), 2, 1);
            Tensor fresh = torch.tanh(inputs.get(2).add(kept));
            return new Tensor[] {fresh.add(update.mul(states[0].sub(fresh)))};
        }
    }

    private record Rnn(boolean relu) implements Layer {
        @Override
        public int states() {
            return 1;
        }

        @Override
        public boolean fused() {
            return true;
        }

        @Override
        public Tensor[] all(Tensor x, Weights weights, Tensor[] states, boolean train) {
            TensorVector parameters = weights.ordered(0);
            boolean biases = weights.inputBias() != null;
            return pair(
                    relu
                            ? torch.rnn_relu(x, states[0], parameters, biases, 1, 0, train, false, false)
                            : torch.rnn_tanh(x, states[0], parameters, biases, 1, 0, train, false, false));
        }

        @Override
        public Tensor[] step(Tensor gates, Weights weights, Tensor[] states) {
            Tensor sum = gates.add(weights.recur(states[0], 0, 1));
            return new Tensor[] {relu ? torch.relu(sum) : torch.tanh(sum)};
        }
    }

    private static Tensor[] pair(T_TensorTensor_T result) {
        return new Tensor[] {result.get0(), result.get1()};
    }

    private static Operation compile(NodeContext c, Layer layer) {
        Node node = c.node();
        String direction = node.text("direction", "forward");
        c.require(node.attribute("clip").isEmpty(), "clip is not supported");
        c.require(node.integer("layout", 0) == 0, "layout 1 is not supported");
        c.weight(WEIGHT);
        c.weight(RECURRENCE);
        c.bias(BIAS);
        List<Boolean> reversed =
                switch (direction) {
                    case "forward" -> List.of(false);
                    case "reverse" -> List.of(true);
                    case "bidirectional" -> List.of(false, true);
                    default -> throw c.refuse("direction '" + direction + "' is not supported");
                };
        return f -> {
            // outputs: [steps, directions, batch, hidden]; states: [directions, batch, hidden]
            TensorVector outputs = new TensorVector();
            TensorVector[] states = new TensorVector[layer.states()];
            for (int i = 0; i < states.length; i++) {
                states[i] = new TensorVector();
            }
            for (int i = 0; i < reversed.size(); i++) {
                Tensor[] result = direction(f, layer, i, reversed.get(i));
                outputs.push_back(result[0]);
                for (int s = 0; s < states.length; s++) {
                    states[s].push_back(result[1 + s]);
                }
            }
            f.out(torch.stack(outputs, 1));
            for (int s = 0; s < states.length; s++) {
                f.out(1 + s, torch.cat(states[s], 0));
            }
        };
    }

    private static Tensor[] direction(Frame f, Layer layer, int index, boolean reverse) {
        Tensor x = f.in(0);
        Weights weights = weights(f, index);
        Tensor[] states = new Tensor[layer.states()];
        for (int s = 0; s < states.length; s++) {
            int input = s == 0 ? INITIAL_HIDDEN : INITIAL_CELL;
            states[s] = f.has(input) ? f.in(input).narrow(0, index, 1) : x.new_zeros(1, x.size(1), weights.hidden());
        }
        if (!layer.fused() || f.has(LENGTHS)) {
            return stepwise(f, layer, weights, states, reverse);
        }
        Tensor[] result = layer.all(
                reverse ? torch.flip(x, 0) : x, weights, states, f.mode().hasGradients());
        result[0] = reverse ? torch.flip(result[0], 0) : result[0];
        return result;
    }

    private static Weights weights(Frame f, int direction) {
        Tensor input = f.in(WEIGHT).select(0, direction);
        Tensor recurrence = f.in(RECURRENCE).select(0, direction);
        if (!f.has(BIAS)) {
            return new Weights(input, recurrence, null, null);
        }
        TensorVector biases = torch.chunk(f.in(BIAS).select(0, direction), 2, 0);
        return new Weights(input, recurrence, biases.get(0), biases.get(1));
    }

    /** Beyond the end of its sequence an item keeps its states, and its outputs are 0. */
    private static Tensor[] stepwise(Frame f, Layer layer, Weights weights, Tensor[] initial, boolean reverse) {
        Tensor gates = weights.gates(f.in(0));
        int steps = Math.toIntExact(gates.size(0));
        Tensor lengths = f.has(LENGTHS) ? Native.like(f.in(LENGTHS), gates).unsqueeze(1) : null;
        Tensor[] states = new Tensor[initial.length];
        for (int s = 0; s < states.length; s++) {
            states[s] = initial[s].select(0, 0);
        }
        Tensor[] outputs = new Tensor[steps];
        for (int i = 0; i < steps; i++) {
            int step = reverse ? steps - 1 - i : i;
            Tensor[] next = layer.step(gates.select(0, step), weights, states);
            outputs[step] = next[0];
            if (lengths != null) {
                Tensor running = lengths.gt(new Scalar(step));
                outputs[step] = next[0].mul(running.to(ScalarType.Float));
                for (int s = 0; s < next.length; s++) {
                    next[s] = torch.where(running, next[s], states[s]);
                }
            }
            states = next;
        }
        Tensor[] result = new Tensor[1 + states.length];
        result[0] = torch.stack(new TensorVector(outputs), 0);
        for (int s = 0; s < states.length; s++) {
            result[1 + s] = states[s].unsqueeze(0);
        }
        return result;
    }
}
