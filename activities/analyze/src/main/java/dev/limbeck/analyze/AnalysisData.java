package dev.limbeck.analyze;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Judge;
import dev.limbeck.learn.NamedArrays;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.learn.Samples;
import dev.limbeck.runtime.Items;

/**
 * What a network is looked at with.
 *
 * @param calibration that ranges of activations come from
 * @param compared that layers are compared on; in no way known to calibration
 * @param judge of quantized networks
 * @param judged items that it judges by
 * @param images whether it is images, and no arrays by the names of inputs
 * @param digest of all of it
 */
public record AnalysisData(Items calibration, Items compared, Judge judge, int judged, boolean images, String digest) {

    private static final int COMPARED = 64;

    /** Images for a network. */
    public static AnalysisData of(Graph network, SampleSplits splits, AnalyzeOptions options) {
        Samples training = splits.train().take(options.images());
        Samples test = splits.test().take(options.testImages());
        Samples few = test.take(COMPARED).fitting(network);
        return new AnalysisData(
                Items.of(network, training.fitting(network).batch(0, training.size())),
                Items.of(network, few.batch(0, few.size())),
                Judge.on(test, network, options.quantization().threads()),
                test.size(),
                true,
                training.digest() + test.digest());
    }

    /** Whatever a network takes; a tenth is held back to compare on. */
    public static AnalysisData of(Graph network, Items items, AnalyzeOptions options) {
        int held = Math.ceilDiv(items.count(), 10);
        Items test = items.slice(items.count() - held, items.count());
        return new AnalysisData(
                items.slice(0, Math.clamp(items.count() - held, 1, options.images())),
                test.slice(0, Math.min(COMPARED, held)),
                Judge.on(test, network, options.quantization().threads()),
                held,
                false,
                NamedArrays.digest(items));
    }
}
