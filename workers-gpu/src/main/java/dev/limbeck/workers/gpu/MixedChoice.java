package dev.limbeck.workers.gpu;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.quantize.MixedAim;
import dev.limbeck.quantize.MixedPrecision;
import dev.limbeck.quantize.MixedSearch;
import dev.limbeck.quantize.NetworkLatency;
import dev.limbeck.quantize.OutputLoss;
import dev.limbeck.quantize.Precision;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.QuantizeSpec;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Chooses the precision of each group of layers as a spec's way says. */
final class MixedChoice {

    private final Graph network;
    private final Items images;
    private final QuantizeSpec way;
    private final ToDoubleFunction<Graph> accuracy;
    private final NetworkLatency latency;
    private final LayerCheckpoints checkpoints;
    private final Progress progress;

    /**
     * @param images to calibrate on
     * @param accuracy on validation images
     * @param latency in the spec's first scenario
     * @param checkpoints of this network and way
     */
    MixedChoice(
            Graph network,
            FloatTensor images,
            QuantizeSpec way,
            ToDoubleFunction<Graph> accuracy,
            NetworkLatency latency,
            LayerCheckpoints checkpoints,
            Progress progress) {
        this.network = network;
        this.images = Items.of(network, images);
        this.way = way;
        this.accuracy = accuracy;
        this.latency = latency;
        this.checkpoints = checkpoints;
        this.progress = progress;
    }

    /** @param options of the way but for its precisions */
    MixedAim of(QuantizeOptions options) {
        List<Precision> candidates = Precision.parse(String.join(",", way.mixed()));
        ToDoubleFunction<Graph> loss =
                MixedPrecision.loss(network, images, OutputLoss.suiting(network, images), options);
        MixedPrecision mixed =
                MixedPrecision.measure(network, images, options, candidates, loss, checkpoints, progress);
        MixedSearch search = MixedSearch.valueOf(way.mixedSearch().toUpperCase(Locale.ROOT));
        if (way.budget() != null) {
            return MixedAim.within(mixed, search, way.budget());
        }
        if (way.choosesByLatency()) {
            return MixedAim.withinMillis(mixed.byLatency(latency), search, way.budgetMillis(), latency);
        }
        double floats = checkpoints.once("accuracy in floats", () -> accuracy.applyAsDouble(network));
        return MixedAim.losingNoMore(mixed, search, choice -> accuracy(choice.options()), floats, way.goal());
    }

    private double accuracy(QuantizeOptions options) {
        return checkpoints.once(
                "accuracy of " + LayerCheckpoints.describe(options),
                () -> accuracy.applyAsDouble(Quantizer.quantize(network, images, options, checkpoints, progress)
                        .graph()));
    }
}
