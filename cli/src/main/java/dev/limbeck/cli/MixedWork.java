package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Samples;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.MachineIdentity;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.MixedAim;
import dev.limbeck.quantize.MixedPrecision;
import dev.limbeck.quantize.MixedPrecision.Choice;
import dev.limbeck.quantize.MixedReport;
import dev.limbeck.quantize.OutputLoss;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Chooses the precision of each group of layers, as far as a budget or a goal asks for. */
final class MixedWork {

    /** As the help says. */
    private static final int THREADS = 1;

    private final Graph network;
    private final Items images;
    private final MixedOptions way;
    private final Optional<Samples> validation;
    private final LayerCheckpoints memory;
    private final Progress progress;

    /**
     * @param images to calibrate on
     * @param validation labelled, if there are any
     * @param memory of this network with these images and this validation
     */
    MixedWork(
            Graph network,
            Items images,
            MixedOptions way,
            Optional<Samples> validation,
            LayerCheckpoints memory,
            Progress progress) {
        this.network = network;
        this.images = images;
        this.way = way;
        this.validation = validation;
        this.memory = memory;
        this.progress = progress;
    }

    /**
     * @param options that quantize the network so
     * @param millis that the network was measured to take; empty where it was chosen by bit-operations
     * @param warning what was not reached
     */
    record Chosen(QuantizeOptions options, MixedReport report, Optional<Double> millis, Optional<String> warning) {

        Chosen warning(Optional<String> other) {
            return new Chosen(options, report, millis, other);
        }
    }

    /** @param goal of the loss of accuracy; empty for the budget */
    Chosen choose(QuantizeOptions options, Optional<Double> goal) {
        String measure = way.byAccuracy() ? "accuracy" : loss().name();
        MixedPrecision mixed = MixedPrecision.measure(
                network, images, options, way.precisions(), lossOf(options), memory.under(measure), progress);
        if (goal.isPresent()) {
            return untilGoal(mixed, goal.get());
        }
        MixedOptions.Budget budget = way.budget().orElseThrow();
        if (budget.isLatency()) {
            MixedPrecision byLatency = mixed.byLatency(this::millis);
            MixedAim aim = MixedAim.withinMillis(byLatency, way.search(), budget.millis(), this::millis);
            double reached = millis(List.of(byLatency.quantized(aim.choice()))).getFirst();
            return chosen(byLatency, aim, Optional.of(reached));
        }
        return chosen(mixed, MixedAim.within(mixed, way.search(), budget.share()), Optional.empty());
    }

    private OutputLoss loss() {
        return way.loss().orElseGet(() -> OutputLoss.suiting(network, images));
    }

    private ToDoubleFunction<Graph> lossOf(QuantizeOptions options) {
        if (!way.byAccuracy()) {
            return MixedPrecision.loss(network, images, loss(), options);
        }
        double floats = accuracy(network, options.threads());
        return quantized -> floats - accuracy(quantized, options.threads());
    }

    private double accuracy(Graph graph, int threads) {
        Samples labelled = validation.orElseThrow(() -> new BadInputException(
                "accuracies need labels; give class folders, or labels beside the images, or another --sensitivity than"
                        + " accuracy and a --budget in place of --goal"));
        return Evaluation.accuracy(graph, labelled, threads);
    }

    private Chosen untilGoal(MixedPrecision mixed, double goal) {
        double floats = memory.once("accuracy in floats", () -> accuracy(network, 1));
        return chosen(
                mixed, MixedAim.losingNoMore(mixed, way.search(), this::accuracy, floats, goal), Optional.empty());
    }

    /** Of the network with all methods that the options have. */
    private double accuracy(Choice choice) {
        return memory.once("accuracy of " + LayerCheckpoints.describe(choice.options()), () -> {
            Graph quantized = Quantizer.quantize(network, images, choice.options(), memory, progress)
                    .graph();
            return accuracy(quantized, choice.options().threads());
        });
    }

    /**
     * Measured in turns, and remembered, so that a killed command goes on with the same figures. The cache may lie where other machines
     * reach it, and outlive an ONNX Runtime, so what latencies depend on is in their names.
     */
    private List<Double> millis(List<Graph> networks) {
        Supplier<List<LatencyMeasurement>> measured = memoized(() -> LatencyMeasurer.ofThisMachine()
                .measureInterleaved(networks, 1, THREADS, LatencyProtocol.quick(), progress));
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < networks.size(); i++) {
            int at = i;
            millis.add(memory.once(
                    latencyKey(networks.get(i), MachineIdentity.name("latencies"), RuntimeVersion.current()),
                    () -> measured.get().get(at).p50Millis()));
        }
        return millis;
    }

    static String latencyKey(Graph network, String machine, RuntimeVersion runtime) {
        return "latency %s on %s, %s, %d thread, %s"
                .formatted(network.digest(), machine, runtime, THREADS, LatencyProtocol.quick());
    }

    private static <T> Supplier<T> memoized(Supplier<T> made) {
        AtomicReference<T> kept = new AtomicReference<>();
        return () -> kept.updateAndGet(known -> known == null ? made.get() : known);
    }

    private Chosen chosen(MixedPrecision mixed, MixedAim aim, Optional<Double> millis) {
        return new Chosen(aim.choice().options(), mixed.report(way.search(), aim.choice()), millis, aim.missed());
    }
}
