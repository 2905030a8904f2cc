package dev.limbeck.workflows;

import dev.limbeck.schemas.DriftEvent;
import java.util.List;

/** Every front beside what its run had measured. */
public record RemeasureOutcome(String runId, List<DriftEvent> fronts) {

    public RemeasureOutcome {
        fronts = List.copyOf(fronts);
    }
}
