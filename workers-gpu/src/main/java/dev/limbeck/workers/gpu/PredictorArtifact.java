package dev.limbeck.workers.gpu;

import dev.limbeck.search.AccuracyPredictor;
import dev.limbeck.search.PredictorReport;
import java.util.List;

/** The predictor as it lies in the store, with how well it predicts networks that were held out. */
record PredictorArtifact(
        AccuracyPredictor predictor, PredictorReport report, List<PredictorReport.Prediction> heldOut) {}
