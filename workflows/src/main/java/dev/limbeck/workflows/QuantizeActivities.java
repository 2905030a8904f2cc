package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;
import java.util.List;
import java.util.Map;

/** Quantization of a run's reference. */
@ActivityInterface
public interface QuantizeActivities {

    /**
     * Goes on after the last layer, block or try that an attempt before it came to.
     *
     * @param way name of one of the spec's ways to quantize
     * @param reduceRange 7-bit weights in place of 8-bit ones
     */
    QuantizeOutcome quantizeReference(RunRequest run, String way, boolean reduceRange);

    /**
     * @param measured by scenario: the reference's latency, then the quantized networks'
     * @param tuned by scenario, the settings under which that was measured; only of scenarios that asked for it
     */
    RunOutcome reportQuantization(
            RunRequest run,
            Finetuned reference,
            List<QuantizeOutcome> networks,
            Map<String, MeasureOutcome> measured,
            Map<String, TuneOutcome> tuned);
}
