package dev.limbeck.compress;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.List;

/**
 * How far a network is compressed, and by what the layers' shares are chosen.
 *
 * @param ratio of the whole network's cost that may be left, above 0 and below 1
 * @param selection how each layer's share is chosen
 * @param candidates shares that are tried for each layer, above 0 and below 1, rising
 * @param cost that the ratio is of
 * @param multiple that ranks and numbers of channels are rounded down to; kernels that work on blocks of channels want 8 or 16
 * @param channels by what pruning chooses channels
 */
public record CompressOptions(
        double ratio,
        RatioSelection selection,
        List<Double> candidates,
        NetworkCost cost,
        int multiple,
        ChannelSelection channels) {

    private static final List<Double> TENTHS = List.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9);

    public CompressOptions {
        requireNonNull(selection, "selection is null");
        requireNonNull(cost, "cost is null");
        requireNonNull(channels, "channels is null");
        if (multiple < 1) {
            throw new BadInputException("multiple is " + multiple + "; give 1 or more");
        }
        candidates = candidates.stream().sorted().distinct().toList();
        if (!(ratio > 0 && ratio < 1)) {
            throw new BadInputException("ratio is " + ratio + "; give the share of the network's cost that may be left,"
                    + " above 0 and below 1, such as 0.5");
        }
        if (candidates.isEmpty() || !candidates.stream().allMatch(share -> share > 0 && share < 1)) {
            throw new BadInputException("candidates are " + candidates + "; give shares above 0 and below 1");
        }
    }

    /** This share of the operations; the least loss that nine shares of each layer allow. */
    public static CompressOptions of(double ratio) {
        return new CompressOptions(ratio, RatioSelection.EXACT, TENTHS, NetworkCost.MACS, 1, ChannelSelection.LASSO);
    }

    public CompressOptions withSelection(RatioSelection value) {
        return new CompressOptions(ratio, value, candidates, cost, multiple, channels);
    }

    public CompressOptions withCandidates(List<Double> value) {
        return new CompressOptions(ratio, selection, value, cost, multiple, channels);
    }

    public CompressOptions withCost(NetworkCost value) {
        return new CompressOptions(ratio, selection, candidates, value, multiple, channels);
    }

    public CompressOptions withChannels(ChannelSelection value) {
        return new CompressOptions(ratio, selection, candidates, cost, multiple, value);
    }

    public CompressOptions withMultiple(int value) {
        return new CompressOptions(ratio, selection, candidates, cost, value, channels);
    }
}
