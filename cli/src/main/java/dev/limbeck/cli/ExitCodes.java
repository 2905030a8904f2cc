package dev.limbeck.cli;

/** What the shell is told. */
final class ExitCodes {

    /** Done. */
    static final int DONE = 0;

    /** Something failed that the user cannot mend by changing the input, or the run is done and missed a goal. */
    static final int FAILED = 1;

    /** A wrong option or bad input; the message says what would be right. */
    static final int BAD_INPUT = 2;

    /** The run is still under way, and the time to watch it is over. */
    static final int STILL_RUNNING = 3;

    /** No server answers. */
    static final int UNREACHABLE = 4;

    /** Stopped by Ctrl-C or SIGTERM before the end; shells say 128 + the signal's number. */
    static final int STOPPED = 130;

    private ExitCodes() {}
}
