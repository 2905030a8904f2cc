package dev.limbeck.workflows;

/** Positions of a block in the network and of a variant among the block's choices. */
public record BlockTask(int block, int variant) {}
