package dev.limbeck.learn;

import dev.limbeck.graph.Graph;

/**
 * What the distillation of a block gives.
 *
 * @param trainingNoiseToSignal of the finished block on the first of the items that it was trained on
 * @param validationNoiseToSignal of the finished block on the items kept apart
 */
public record TrainedBlock(Graph graph, double trainingNoiseToSignal, double validationNoiseToSignal) {}
