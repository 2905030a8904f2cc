package dev.limbeck.workflows;

import io.temporal.activity.Activity;

/** A device that knows its latencies without measuring; those of the class "pixel" need 7-bit weights. */
final class FakeDevice implements DeviceActivities {

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

    static MeasureOutcome measured(String device, MeasureTask task) {
        return new MeasureOutcome(
                task.networks().stream()
                        .map(network -> new Measured(network, device, 1, 2, 3, true, 1, "record"))
                        .toList(),
                device.equals("pixel"),
                FakeTraining.TIMING);
    }
}
