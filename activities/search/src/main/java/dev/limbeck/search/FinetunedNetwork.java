package dev.limbeck.search;

import java.util.List;

/**
 * A finetuned network of the predictor's library; plain data.
 *
 * @param genes which choice each block has
 * @param noiseToSignal held-out noise-to-signal ratio of each block's choice, at least 0; 0 for the reference's own block
 * @param extras further figures about the network, the same for all networks; may be empty
 * @param accuracy fraction of the validation images after finetuning
 */
public record FinetunedNetwork(
        List<Integer> genes,
        List<Double> noiseToSignal,
        List<Double> extras,
        double accuracy,
        long macs,
        long parameters) {

    public FinetunedNetwork {
        genes = List.copyOf(genes);
        noiseToSignal = List.copyOf(noiseToSignal);
        extras = List.copyOf(extras);
        if (!(accuracy >= 0 && accuracy <= 1)) {
            throw new IllegalArgumentException("accuracy " + accuracy + " is not a fraction");
        }
        if (noiseToSignal.stream().anyMatch(n -> !(n >= 0 && n < Double.POSITIVE_INFINITY))
                || extras.stream().anyMatch(e -> !Double.isFinite(e))) {
            throw new IllegalArgumentException("network " + genes + " has noise-to-signal ratios " + noiseToSignal
                    + " and extras " + extras + "; finite numbers are needed");
        }
    }
}
