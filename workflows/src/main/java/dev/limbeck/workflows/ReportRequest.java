package dev.limbeck.workflows;

import java.util.List;
import java.util.Map;

/**
 * Everything a report is made of.
 *
 * @param networks every finetuned network in every precision, the reference's included
 * @param measured by scenario, the latencies of that scenario's precision
 * @param planned when the space was planned
 */
public record ReportRequest(
        Library library,
        FittedPredictor predictor,
        List<SampleOutcome> samples,
        List<SearchOutcome> searches,
        List<Finetuned> networks,
        Map<String, MeasureOutcome> measured,
        Profile profile,
        Timing planned) {}
