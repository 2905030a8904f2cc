package dev.limbeck.tensor;

/** What a node does when the graph runs: reads its inputs from the frame, and puts its outputs there. */
@FunctionalInterface
interface Operation {
    void run(Frame frame);
}
