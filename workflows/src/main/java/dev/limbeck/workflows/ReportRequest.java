package dev.limbeck.workflows;

import java.util.List;
import java.util.Map;

/**
 * Everything a report is made of.
 *
 * @param networks every finetuned network in every precision, the reference's included
 * @param measured by scenario, the latencies of that scenario's precision
 * @param tuned by scenario, the settings under which its latencies were measured; only of scenarios that asked for it
 * @param planned when the space was planned
 */
public record ReportRequest(
        Library library,
        FittedPredictor predictor,
        List<SampleOutcome> samples,
        List<SearchOutcome> searches,
        List<Finetuned> networks,
        Map<String, MeasureOutcome> measured,
        Map<String, TuneOutcome> tuned,
        Profile profile,
        Timing planned) {

    public ReportRequest {
        tuned = tuned == null ? Map.of() : tuned;
    }
}
