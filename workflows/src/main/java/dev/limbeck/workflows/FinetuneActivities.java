package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;
import java.util.List;

/** Step D: networks are finetuned by distillation from the reference, quantized and evaluated. */
@ActivityInterface
public interface FinetuneActivities {

    /** The reference as it is, evaluated. */
    Finetuned evaluateReference(RunRequest run);

    Finetuned finetune(RunRequest run, Library library, List<Integer> architecture);

    /** A float network made smaller as the spec says, and trained to give what the reference gives. */
    Finetuned compress(RunRequest run, Finetuned network);

    /** A float network as the spec quantizes it. @param reduceRange 7-bit weights */
    Finetuned quantize(RunRequest run, Finetuned network, boolean reduceRange);
}
