package dev.limbeck.workflows;

import io.temporal.workflow.Promise;
import java.util.ArrayList;
import java.util.List;

/** Pieces of work that run at the same time, counted as they finish. */
final class Pieces<T> {

    private final List<Promise<T>> pieces = new ArrayList<>();
    private int done;

    void add(Promise<T> piece) {
        pieces.add(piece);
        piece.thenApply(result -> {
            done++;
            return result;
        });
    }

    StageProgress progress() {
        return new StageProgress(done, pieces.size());
    }

    /** Waits for all; in the order of their addition. */
    List<T> get() {
        return pieces.stream().map(Promise::get).toList();
    }
}
