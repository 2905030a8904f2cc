package dev.limbeck.tensor;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.tensor.NodeContext.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;

/**
 * Runs an ONNX graph over libtorch with autograd.
 *
 * <p>Compiling turns each node into a function over numbered slots; a run fills the slots in order and frees each tensor after
 * its last reader (what gradients need is held by autograd itself). Images and the weights of convolutions are kept in
 * channels-last layout, in which convolutions train about 1.5 times as fast. Weights and biases are leaves of autograd; the
 * running statistics of batch normalizations are buffers that {@link Mode#TRAIN} updates. Only operators and modes with a parity
 * test against ONNX Runtime are accepted.
 *
 * <p>With the same seed and number of threads a run on a CPU gives the same bits. An executor is used by one thread at a time; several
 * executors may run in several threads.
 */
public final class GraphExecutor implements AutoCloseable {

    private final Compilation compilation;
    private final Graph graph;
    private final Compute compute;
    private final Device device;
    private final org.bytedeco.pytorch.Tensor[] leaves;
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private final Map<String, org.bytedeco.pytorch.Tensor> initialScales = new LinkedHashMap<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private final Generator generator;
    private boolean closed;

    private GraphExecutor(Compilation compilation, Compute compute, long seed) {
        this.compilation = compilation;
        this.graph = compilation.graph();
        this.compute = compute;
        this.device = compute.device();
        this.leaves = new org.bytedeco.pytorch.Tensor[compilation.slotCount()];
        compilation.leaves().forEach(this::addLeaf);
        this.generator = Native.generator(device, seed);
    }

    /** @throws BadInputException naming every node whose operator or mode is not supported, before any work */
    public static GraphExecutor compile(Graph graph) {
        return compile(graph, Compute.DEFAULT, 0);
    }

    /**
     * @param seed of the executor's own random numbers, for dropout
     * @throws BadInputException naming every node whose operator or mode is not supported, before any work
     */
    public static GraphExecutor compile(Graph graph, Compute compute, long seed) {
        return new GraphExecutor(Compilation.of(Preparation.prepare(graph)).orThrow(), compute, seed);
    }

    /** What keeps a graph from being trained, one line a node; empty where it can be compiled. */
    public static List<String> unsupported(Graph graph) {
        return List.copyOf(Compilation.of(Preparation.prepare(graph)).problems());
    }

    private void addLeaf(String name, Use use) {
        TensorValue value = graph.initializers().get(name);
        if (use == Use.SCALE) {
            addScale(name, value);
            return;
        }
        boolean trained = use == Use.WEIGHT || use == Use.BIAS;
        org.bytedeco.pytorch.Tensor leaf = Native.owned(() -> {
            org.bytedeco.pytorch.Tensor made = Native.onDevice(Native.channelsLast(Native.of(value)), device);
            made.set_requires_grad(trained);
            return made;
        });
        leaves[compilation.slot(name)] = leaf;
        Tensor tensor = new Tensor(leaf);
        if (trained) {
            parameters.add(new Parameter(name, tensor, use == Use.WEIGHT));
        }
        if (trained || use == Use.STATISTIC) {
            state.put(name, tensor);
        }
    }

    private void addScale(String name, TensorValue value) {
        org.bytedeco.pytorch.Tensor initial = Native.owned(() -> Native.onDevice(Native.of(value), device));
        initialScales.put(name, initial);
        Tensor logarithm = new Tensor(Native.owned(() -> {
            org.bytedeco.pytorch.Tensor zeros = torch.zeros_like(initial);
            zeros.set_requires_grad(true);
            return zeros;
        }));
        parameters.add(new Parameter(name, logarithm, false));
        state.put(name, logarithm);
    }

    private org.bytedeco.pytorch.Tensor scale(String name) {
        return initialScales.get(name).mul(torch.exp(state.get(name).raw()));
    }

    /** Runs a graph with one input and one output. */
    public Tensor forward(Tensor input, Mode mode) {
        if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
            throw new BadInputException("graph '" + graph.name() + "' has inputs " + graph.inputs() + " and outputs "
                    + graph.outputs() + "; name them");
        }
        return forward(Map.of(graph.inputs().getFirst().name(), input), mode)
                .get(graph.outputs().getFirst().name());
    }

    public Map<String, Tensor> forward(Map<String, Tensor> inputs, Mode mode) {
        return forward(inputs, mode, Taps.NONE);
    }

    /**
     * Runs the graph.
     *
     * @param inputs every input of the graph by its name; floats are converted where the graph takes integers
     * @return every output of the graph by its name
     * @throws TensorException naming the node, where shapes do not fit
     * @throws BadInputException if they do not because the network was exported for another number of items
     */
    public Map<String, Tensor> forward(Map<String, Tensor> inputs, Mode mode, Taps taps) {
        if (closed) {
            throw new IllegalStateException("the executor of graph '" + graph.name() + "' is closed");
        }
        PointerScope outer = PointerScope.getInnerScope();
        Map<String, Tensor> results = new LinkedHashMap<>();
        try (PointerScope inner = new PointerScope();
                NoGradGuard guard = mode.hasGradients() ? null : new NoGradGuard()) {
            org.bytedeco.pytorch.Tensor[] slots = leaves.clone();
            boolean tapped = taps != Taps.NONE;
            fill(slots, inputs, tapped ? taps : null);
            try (Compute.Mixed mixed = compute.mixed()) {
                run(slots, new Frame(slots, mode, tapped, new GeneratorOptional(generator)), tapped ? taps : null);
            } catch (TensorException e) {
                requireBatch(inputs, e);
                throw e;
            }
            graph.outputs().forEach(o -> {
                org.bytedeco.pytorch.Tensor result =
                        new org.bytedeco.pytorch.Tensor(Native.full(slots[compilation.slot(o.name())]));
                result.retainReference();
                results.put(o.name(), new Tensor(result));
            });
        }
        results.values().forEach(r -> Native.handOver(r.raw(), outer));
        return results;
    }

    /** Whether a network insists on the number of items that its inputs declare is known when it does not run with another. */
    private void requireBatch(Map<String, Tensor> inputs, TensorException failure) {
        long given = inputs.get(graph.inputs().getFirst().name()).shape()[0];
        if (graph.batch() > 0 && given != graph.batch()) {
            throw new BadInputException(
                    "network '%s' was exported for %d items at a time and cannot be trained with %d: %s; export it with a dynamic batch"
                                    .formatted(graph.name(), graph.batch(), given, failure.getMessage())
                            + " (dynamic_axes or dynamic_shapes of torch.onnx.export)",
                    failure);
        }
    }

    private void fill(org.bytedeco.pytorch.Tensor[] slots, Map<String, Tensor> inputs, Taps taps) {
        graph.inputs().forEach(i -> {
            Tensor input = inputs.get(i.name());
            if (input == null) {
                throw new BadInputException(
                        "graph '" + graph.name() + "' needs an input '" + i.name() + "'; given are " + inputs.keySet());
            }
            org.bytedeco.pytorch.Tensor raw =
                    Native.channelsLast(Native.onDevice(Native.as(i.type(), input.raw()), device));
            slots[compilation.slot(i.name())] = taps == null
                    ? raw
                    : taps.activation(i.name(), new Tensor(raw)).raw();
        });
        initialScales.keySet().forEach(name -> slots[compilation.slot(name)] = scale(name));
        if (taps != null) {
            for (Parameter parameter : parameters) {
                if (initialScales.containsKey(parameter.name())) {
                    continue;
                }
                Tensor tapped = taps.weight(parameter.name(), parameter.tensor());
                slots[compilation.slot(parameter.name())] =
                        tapped == parameter.tensor() ? tapped.raw() : Native.channelsLast(tapped.raw());
            }
        }
    }

    private void run(org.bytedeco.pytorch.Tensor[] slots, Frame frame, Taps taps) {
        for (Compilation.Step step : compilation.steps()) {
            frame.enter(step.inputs(), step.outputs());
            try {
                step.operation().run(frame);
            } catch (RuntimeException e) {
                throw TensorException.of(
                        "node '" + step.node().label() + "' (" + step.node().op() + ")", e);
            }
            if (taps != null) {
                for (int i = 0; i < step.outputs().length; i++) {
                    int slot = step.outputs()[i];
                    if (slot >= 0) {
                        slots[slot] = taps.activation(step.node().output(i), new Tensor(slots[slot]))
                                .raw();
                    }
                }
            }
            for (int slot : step.lastUses()) {
                slots[slot].close();
                slots[slot] = null;
            }
        }
    }

    /** What training changes, in the order of first use; the tensors live as long as this executor. */
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    /** The graph with the present weights and statistics. */
    public Graph graph() {
        GraphEditor editor = graph.edit();
        state().forEach((name, value) -> editor.initializer(name, TensorValue.ofFloats(value.data(), value.shape())));
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            initialScales.keySet().forEach(name -> {
                FloatTensor learned = new Tensor(scale(name)).toFloatTensor();
                editor.initializer(name, TensorValue.ofFloats(learned.data(), learned.shape()));
            });
        }
        return editor.build();
    }

    /**
     * Weights, biases and statistics, copied, by the name of their initializer; of scales that are learned, the logarithm of their
     * ratio to the first ones.
     */
    public Map<String, FloatTensor> state() {
        Map<String, FloatTensor> copy = new LinkedHashMap<>();
        state.forEach((name, tensor) -> copy.put(name, tensor.toFloatTensor()));
        return copy;
    }

    /**
     * Puts back what {@link #state()} returned.
     *
     * @throws IllegalArgumentException if a name or a shape differs from this graph's
     */
    public void restore(Map<String, FloatTensor> saved) {
        if (!saved.keySet().equals(state.keySet())) {
            throw new IllegalArgumentException("the saved state holds other tensors than graph '" + graph.name() + "': "
                    + saved.keySet() + ", not " + state.keySet());
        }
        saved.forEach((name, value) -> {
            Tensor tensor = state.get(name);
            if (!Arrays.equals(tensor.shape(), value.shape())) {
                throw new IllegalArgumentException("tensor '" + name + "' has the shape "
                        + Arrays.toString(tensor.shape()) + ", saved was " + Arrays.toString(value.shape()));
            }
            tensor.set(value);
        });
    }

    /** The live tensors of {@link #state()}. */
    Map<String, Tensor> tensors() {
        return state;
    }

    /** Starts the stream of random numbers (dropout) anew; so that an epoch repeats wherever training was taken up. */
    public void reseed(long seed) {
        generator.set_current_seed(seed);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (org.bytedeco.pytorch.Tensor leaf : leaves) {
                if (leaf != null) {
                    leaf.close();
                }
            }
            initialScales.keySet().forEach(name -> state.get(name).close());
            initialScales.values().forEach(org.bytedeco.pytorch.Tensor::close);
            generator.close();
        }
    }
}
