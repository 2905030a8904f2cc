package dev.limbeck.cli;

import dev.limbeck.schemas.Progress;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C or SIGTERM, for commands that take long: they end their work first, then the process exits. A second signal ends it at once.
 *
 * <p>Shutdown hooks won't do: ONNX Runtime has one that takes its environment away from threads that compute, and the process crashes.
 */
final class StopSignal implements AutoCloseable {

    private static final List<Signal> SIGNALS = List.of(new Signal("INT"), new Signal("TERM"));

    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<SignalHandler> before;

    StopSignal() {
        before = SIGNALS.stream()
                .map(signal -> Signal.handle(signal, received -> stop()))
                .toList();
    }

    private void stop() {
        if (requested()) {
            Runtime.getRuntime().halt(ExitCodes.STOPPED);
        }
        stopped.countDown();
    }

    void await() throws InterruptedException {
        stopped.await();
    }

    /** As above, but no longer than this. */
    void await(long millis) throws InterruptedException {
        stopped.await(millis, TimeUnit.MILLISECONDS);
    }

    boolean requested() {
        return stopped.getCount() == 0;
    }

    /** The same progress, that throws a {@link CancellationException} as soon as a stop is requested. */
    Progress cancelling(Progress progress) {
        return (step, done, total, detail) -> {
            if (requested()) {
                throw new CancellationException("stopped");
            }
            progress.report(step, done, total, detail);
        };
    }

    /** To be closed after everything else that the command has opened. */
    @Override
    public void close() {
        for (int i = 0; i < before.size(); i++) {
            Signal.handle(SIGNALS.get(i), before.get(i));
        }
    }
}
