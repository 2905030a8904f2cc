package dev.limbeck.workflows;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/** Finetunes, compresses, quantizes and evaluates the networks that the searches chose, each once even where several scenarios chose it. */
@WorkflowInterface
public interface FinetuneWorkflow extends Stage {

    /**
     * @param reduceRange 7-bit weights, for devices whose processors saturate sums of integer products
     * @return every network in float and, where a scenario needs it, in integers; the reference first; a compressed one beside the one
     *     that it was made of
     */
    @WorkflowMethod
    List<Finetuned> finetune(RunRequest run, Library library, List<List<Integer>> architectures, boolean reduceRange);
}
