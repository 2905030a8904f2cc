package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;
import java.util.List;
import java.util.Map;

/** Step D: networks are finetuned by distillation from the reference, quantized and evaluated. */
@ActivityInterface
public interface FinetuneActivities {

    /** The reference as it is, evaluated. */
    Finetuned evaluateReference(RunRequest run);

    Finetuned finetune(RunRequest run, Library library, List<Integer> architecture);

    /**
     * What has to be measured before it can be chosen by latencies what is left of each layer: with none known, of layers alone; then
     * of choices, one after the other.
     *
     * @param millis latencies that are known, by {@link ShapeTask#key}, in the order of the task
     * @return empty where {@link #compress} can do with them
     */
    List<ShapeTask> shapesToMeasure(RunRequest run, Finetuned network, Map<String, List<Double>> millis);

    /**
     * A float network made smaller as the spec says, and trained by what the reference gives and by labels.
     *
     * @param millis as above; not looked at where the spec chooses by operations
     */
    Finetuned compress(RunRequest run, Finetuned network, Map<String, List<Double>> millis);

    /** A float network as the spec quantizes it. @param reduceRange 7-bit weights */
    Finetuned quantize(RunRequest run, Finetuned network, boolean reduceRange);
}
