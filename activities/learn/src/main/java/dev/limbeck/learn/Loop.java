package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Compute;
import dev.limbeck.tensor.Ema;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Optimizer;
import dev.limbeck.tensor.Optimizers;
import dev.limbeck.tensor.Parameter;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import dev.limbeck.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** The loop that every training shares: steps, schedule, moving average, checkpoints, progress. */
final class Loop implements AutoCloseable {

    private static final long REPORT_NANOS = 250_000_000;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double ADAM_EPSILON = 1e-8;

    private final Task task;
    private final TrainOptions options;
    private final Progress progress;
    private final Checkpoints checkpoints;
    private final Plan plan;
    private final GraphExecutor executor;
    private final Optimizer optimizer;
    private final Ema ema;
    private final String key;
    private final List<Epoch> history = new ArrayList<>();
    private long step;
    private double lossSum;
    private double seconds;
    private long lastSave = System.nanoTime();
    private long lastReport;

    private Loop(
            Graph graph, Task task, TrainOptions options, Compute compute, Progress progress, Checkpoints checkpoints) {
        this.task = task;
        this.options = options;
        this.progress = progress;
        this.checkpoints = checkpoints;
        plan = new Plan(options, task.items());
        key = Digests.ofText(graph.digest() + task.digest() + options);
        Threads.limitTo(options.threads());
        executor = GraphExecutor.compile(graph, compute, 0);
        List<Parameter> parameters = executor.parameters();
        optimizer = switch (options.optimizer()) {
            case SGD -> Optimizers.sgd(parameters, options.momentum(), true, options.weightDecay());
            case ADAMW -> Optimizers.adamW(parameters, BETA1, BETA2, ADAM_EPSILON, options.weightDecay());
        };
        ema = options.emaDecay() == 0 ? null : new Ema(executor, options.emaDecay());
    }

    /** @throws BadInputException if the graph cannot be trained, the loss is no number, or the checkpoint is another training's */
    static Trained run(
            Graph graph, Task task, TrainOptions options, Compute compute, Progress progress, Checkpoints checkpoints) {
        if (options.epochs() == 0) {
            return new Trained(graph, List.of());
        }
        if (task.items() == 0) {
            throw new BadInputException("there is nothing to train network '" + graph.name() + "' on: 0 items");
        }
        try (Loop loop = new Loop(graph, task, options, compute, progress, checkpoints)) {
            checkpoints.load().map(TrainingState::parse).ifPresent(loop::restore);
            loop.begin();
            while (loop.step < loop.plan.steps()) {
                loop.advance();
            }
            return new Trained(loop.result(), loop.history);
        }
    }

    /** Says where an interrupted training goes on, before the first step that may take long. */
    private void begin() {
        String detail = step == 0 ? "" : String.format(Locale.ROOT, "goes on from epoch %.2f", plan.epochs(step));
        progress.report(task.label(), step * plan.batchSize(), plan.steps() * plan.batchSize(), detail);
    }

    private void advance() {
        long began = System.nanoTime();
        double loss = trainStep();
        if (!Double.isFinite(loss)) {
            throw new BadInputException(String.format(
                    Locale.ROOT,
                    "%s: the loss is %s at step %d (epoch %.2f) with the learning rate %.4g; try a lower one",
                    task.label(),
                    loss,
                    step,
                    plan.epochs(step),
                    plan.learningRate(step)));
        }
        lossSum += loss;
        if (ema != null) {
            // During the warm-up the weights are not worth averaging: the average begins where it ends.
            if (step == plan.warmupSteps()) {
                ema.restore(executor.state());
            } else if (step > plan.warmupSteps()) {
                ema.update();
            }
        }
        seconds += (System.nanoTime() - began) / 1e9;
        boolean epochEnds = plan.endsEpoch(step);
        step++;
        try {
            if (epochEnds) {
                endEpoch();
            } else {
                report(false, loss, seconds);
            }
        } catch (CancellationException e) {
            // whoever goes on, here or elsewhere, goes on from this step
            save(true);
            throw e;
        }
        save(step == plan.steps());
    }

    private double trainStep() {
        int[] items = plan.items(step);
        try (TensorScope scope = TensorScope.open()) {
            executor.reseed(Shuffle.seed(options.seed(), step));
            optimizer.zeroGradients();
            Tensor output = executor.forward(Tensor.of(task.input(items, plan.random(step))), Mode.TRAIN);
            Tensor error = task.loss(output, items);
            Tensor loss = task.penalty(executor.parameters()).map(error::plus).orElse(error);
            loss.backward();
            optimizer.step(plan.learningRate(step));
            return loss.item();
        }
    }

    private void endEpoch() {
        double meanLoss = lossSum / plan.stepsInEpoch(step);
        history.add(new Epoch(plan.epochs(step), meanLoss, task.validate(result()), seconds));
        double took = seconds;
        lossSum = 0;
        seconds = 0;
        report(true, meanLoss, took);
    }

    /** @param took seconds since the epoch's begin */
    private void report(boolean always, double loss, double took) {
        long now = System.nanoTime();
        if (!always && now - lastReport < REPORT_NANOS) {
            return;
        }
        lastReport = now;
        double speed = plan.stepsInEpoch(step) * plan.batchSize() / Math.max(took, 1e-9);
        StringBuilder detail = new StringBuilder(String.format(
                Locale.ROOT,
                "epoch %.2f of %.2f, loss %.4f, %.0f images/s",
                plan.epochs(step),
                options.epochs(),
                loss,
                speed));
        if (!history.isEmpty() && !Double.isNaN(history.getLast().validationAccuracy())) {
            detail.append(String.format(
                    Locale.ROOT, ", validation %.4f", history.getLast().validationAccuracy()));
        }
        progress.report(task.label(), step * plan.batchSize(), plan.steps() * plan.batchSize(), detail.toString());
    }

    private void save(boolean always) {
        if (always || System.nanoTime() - lastSave >= checkpoints.interval().toNanos()) {
            Map<String, FloatTensor> average = ema == null ? Map.of() : ema.state();
            checkpoints.save(new TrainingState(
                            key, step, lossSum, seconds, history, executor.state(), optimizer.state(), average)
                    .toBytes());
            lastSave = System.nanoTime();
        }
    }

    private void restore(TrainingState state) {
        if (!state.key().equals(key)) {
            throw new BadInputException(task.label() + ": " + checkpoints.label()
                    + " belongs to another training (another network, other data or options);"
                    + " delete it, and the training begins anew");
        }
        step = state.step();
        lossSum = state.lossSum();
        seconds = state.seconds();
        history.addAll(state.history());
        executor.restore(state.network());
        optimizer.restore(state.optimizer());
        if (ema != null) {
            ema.restore(state.average());
        }
    }

    /** The network with its present weights, or with their average. */
    private Graph result() {
        if (ema == null || step <= plan.warmupSteps()) {
            return executor.graph();
        }
        Map<String, FloatTensor> present = executor.state();
        executor.restore(ema.state());
        Graph averaged = executor.graph();
        executor.restore(present);
        return averaged;
    }

    @Override
    public void close() {
        optimizer.close();
        if (ema != null) {
            ema.close();
        }
        executor.close();
    }
}
