package dev.limbeck.schemas;

/**
 * Where long work says how far it is. Implementations draw a bar, send an event or a heartbeat.
 *
 * <p>Work is stopped from outside by an exception thrown out of {@link #report}; callers must let it pass and keep nothing
 * half-written. A {@link java.util.concurrent.CancellationException} says that the work may go on later: what can be kept of it is kept.
 * Implementations must be safe to call from several threads.
 */
@FunctionalInterface
public interface Progress {

    /** Says nothing to anybody. */
    Progress NONE = (step, done, total, detail) -> {};

    /**
     * @param step what is being done, in a few words that stay the same during the work ("train mobilenet")
     * @param done units finished so far
     * @param total units in all; 0 where it is not known
     * @param detail the figure that a person wants to watch, such as "loss 0.41, 1520 images/s"; may be empty
     */
    void report(String step, long done, long total, String detail);
}
