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
     * @param millis as below; not looked at where precisions are not chosen by latency
     */
    QuantizeOutcome quantizeReference(
            RunRequest run, String way, boolean reduceRange, Map<String, List<Double>> millis);

    /**
     * What has to be measured before a way's precisions can be chosen by latencies: first with each group of layers in floats by itself,
     * then choices, one after the other.
     *
     * @param millis latencies that are known, by {@link ShapeTask#key}, in the order of the task
     * @return empty where {@link #quantizeReference} can do with them
     */
    List<ShapeTask> precisionsToMeasure(
            RunRequest run, String way, boolean reduceRange, Map<String, List<Double>> millis);

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
