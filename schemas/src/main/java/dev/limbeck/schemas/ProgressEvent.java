package dev.limbeck.schemas;

/**
 * Data of an event on {@code limbeck.progress}.
 *
 * @param stage of the run, such as "library"
 * @param step what is being done
 * @param done units finished, of {@code total}; 0 where the total is not known
 * @param detail a figure for people; may be empty
 * @param task workflow and activity, the same at every attempt; null in events that older workers wrote
 */
public record ProgressEvent(
        String runId, String stage, String step, long done, long total, String detail, String worker, String task) {}
