/** The search space and its blocks, the accuracy predictor, NSGA-II, exact fronts and the cost ledger. */
package dev.limbeck.search;
