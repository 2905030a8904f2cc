package dev.limbeck.tensor;

import dev.limbeck.graph.FloatTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What optimizers have in common: moments for each parameter, made at its first step, and the count of steps. */
abstract sealed class ParameterOptimizer implements Optimizer permits Sgd, AdamW {

    private static final String STEPS = "steps";

    private final List<Parameter> parameters;
    private final Map<String, Tensor> moments = new LinkedHashMap<>();
    private long steps;

    ParameterOptimizer(List<Parameter> parameters) {
        this.parameters = List.copyOf(parameters);
    }

    /**
     * Changes one parameter in place.
     *
     * @param value the parameter, outside autograd
     * @param gradient may be overwritten
     * @param step from 1
     */
    abstract void update(Parameter parameter, Tensor value, Tensor gradient, double learningRate, long step);

    @Override
    public final void step(double learningRate) {
        steps++;
        Native.run("optimizer step", () -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                for (Parameter parameter : parameters) {
                    Tensor value = parameter.tensor().raw();
                    Tensor gradient = value.grad();
                    if (gradient.defined()) {
                        update(parameter, value, gradient, learningRate, steps);
                    }
                }
            }
        });
    }

    /** A tensor that is kept from step to step; zero at first. */
    final Tensor moment(Parameter parameter, String kind) {
        return moments.computeIfAbsent(
                parameter.name() + "." + kind,
                name -> Native.owned(
                        () -> torch.zeros_like(parameter.tensor().raw()).detach()));
    }

    @Override
    public final void zeroGradients() {
        Native.run(
                "zeroGradients",
                () -> parameters.forEach(p -> p.tensor().raw().mutable_grad().reset()));
    }

    @Override
    public final Map<String, FloatTensor> state() {
        Map<String, FloatTensor> state = new LinkedHashMap<>();
        state.put(STEPS, new FloatTensor(new float[] {steps}));
        moments.forEach((name, tensor) -> state.put(name, Native.toFloatTensor(tensor)));
        return state;
    }

    @Override
    public final void restore(Map<String, FloatTensor> saved) {
        if (!saved.containsKey(STEPS)) {
            throw new IllegalArgumentException("no state of an optimizer: " + saved.keySet());
        }
        close();
        steps = (long) saved.get(STEPS).data()[0];
        for (Parameter parameter : parameters) {
            saved.forEach((name, value) -> {
                int dot = name.lastIndexOf('.');
                if (dot > 0 && name.substring(0, dot).equals(parameter.name())) {
                    new dev.limbeck.tensor.Tensor(moment(parameter, name.substring(dot + 1))).set(value);
                }
            });
        }
    }

    @Override
    public final void close() {
        moments.values().forEach(Tensor::close);
        moments.clear();
    }
}
