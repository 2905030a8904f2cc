package dev.limbeck.measure;

import dev.limbeck.runtime.SessionOptions;
import java.util.List;

/**
 * What tuning the runtime for a network has come to.
 *
 * @param settings to run it with; the defaults where nothing else is faster beyond doubt
 * @param tried in this order, each against the settings that were best until then
 * @param confirmation of the settings that looked best; null where those were the defaults
 */
public record Tuning(SessionOptions defaults, SessionOptions settings, List<Trial> tried, Confirmation confirmation) {

    public Tuning {
        tried = List.copyOf(tried);
    }

    /** Whether other settings than the defaults are faster. */
    public boolean isFaster() {
        return !settings.equals(defaults);
    }

    /**
     * @param factor what was changed
     * @param speedup over the settings before; null where ONNX Runtime refuses them, or they change what the network computes
     * @param taken whether these are better, and what followed was measured against them
     */
    public record Trial(String factor, SessionOptions settings, Double speedup, boolean taken) {}

    /**
     * A second measurement, of new sessions, which took no part in the choice.
     *
     * @param settings that looked best
     * @param defaultMillis median of the defaults
     * @param tunedMillis median of these settings
     * @param speedup median of the rounds' ratios of medians, each round a run of both
     * @param fasterRounds rounds in which these settings were faster
     * @param significance how likely so many faster rounds would be if neither were faster (one-sided sign test)
     */
    public record Confirmation(
            SessionOptions settings,
            double defaultMillis,
            double tunedMillis,
            double speedup,
            int fasterRounds,
            int rounds,
            double significance) {}
}
