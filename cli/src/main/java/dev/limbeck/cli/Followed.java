package dev.limbeck.cli;

import dev.limbeck.workflows.RunOutcome;

/** How the watch of a run ended. @param outcome null unless the run is done */
record Followed(How how, RunOutcome outcome) {

    /** Why nobody watches any more. */
    enum How {
        /** The run is done. */
        DONE,
        /** The watcher was told to stop. */
        STOPPED,
        /** The watcher's time is over. */
        TIMED_OUT,
        /** The watcher's time is over, and the server has not answered lately. */
        UNREACHABLE
    }
}
