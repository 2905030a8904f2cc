package dev.limbeck.workflows;

/** How far a stage is. @param done pieces of work finished, of {@code total}; 0 of 0 where that is not known yet */
public record StageProgress(int done, int total) {

    static final StageProgress UNKNOWN = new StageProgress(0, 0);
}
