package dev.limbeck.learn;

/**
 * What is known at the end of an epoch.
 *
 * @param epochs passes done, the last one maybe in part
 * @param trainingLoss mean over the steps of this epoch
 * @param validationAccuracy fraction; NaN where no validation images were given
 * @param seconds that its steps took, without validation
 */
public record Epoch(double epochs, double trainingLoss, double validationAccuracy, double seconds) {}
