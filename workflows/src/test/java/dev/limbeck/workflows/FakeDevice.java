package dev.limbeck.workflows;

import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.RuntimeSettings;
import io.temporal.activity.Activity;
import java.util.Map;

/** A device that knows its latencies without measuring; those of the class "pixel" need 7-bit weights. */
final class FakeDevice implements DeviceActivities {

    static final RuntimeSettings SETTINGS = new RuntimeSettings(1, 1, "BASIC", "CPU", true, true, Map.of());
    static final TuneOutcome TUNED =
            new TuneOutcome(new Results.Tuning(true, SETTINGS, "basic", 1.2, 1.2, 1.0), FakeTraining.TIMING);

    private final String name;
    private final Calls calls;

    FakeDevice(String name, Calls calls) {
        this.name = name;
        this.calls = calls;
    }

    @Override
    public MeasureOutcome measure(MeasureTask task) {
        String fairnessKey =
                Activity.getExecutionContext().getInfo().getPriority().getFairnessKey();
        calls.add("measure", name, task, fairnessKey);
        return measured(name, task);
    }

    @Override
    public TuneOutcome tune(TuneTask task) {
        calls.add("tune", name, task);
        return TUNED;
    }

    static MeasureOutcome measured(String device, MeasureTask task) {
        return new MeasureOutcome(
                task.networks().stream()
                        .map(network -> new Measured(network, device, 1, 2, 3, true, 1, "record"))
                        .toList(),
                device.equals("pixel"),
                FakeTraining.TIMING);
    }
}
