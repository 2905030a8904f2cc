/** Datasets, network builders, training on labels, distillation of networks and blocks, evaluation. */
package dev.limbeck.learn;
