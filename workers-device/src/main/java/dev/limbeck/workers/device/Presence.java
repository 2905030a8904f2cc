package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import dev.limbeck.measure.MachineState;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.Spec;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import java.util.Arrays;
import java.util.function.Supplier;

/** Says on {@code limbeck.devices} whether this device waits for tasks, measures, or is gone. */
final class Presence {

    private final WorkerContext context;
    private final String deviceClass;
    private final MachineState machine;
    private boolean absent;

    /** @param machine what the device is; its load and temperature are not looked at */
    Presence(WorkerContext context, String deviceClass, MachineState machine) {
        this.context = requireNonNull(context, "context is null");
        this.deviceClass = requireNonNull(deviceClass, "deviceClass is null");
        this.machine = requireNonNull(machine, "machine is null");
    }

    MachineState machine() {
        return machine;
    }

    void available() {
        announce("available");
    }

    /** The device is busy until the work ends, however it ends. */
    <T> T whileBusy(Supplier<T> work) {
        announce("busy");
        try {
            return work.get();
        } finally {
            announce("available");
        }
    }

    /** The last word: work that is still ending says nothing any more. */
    synchronized void absent() {
        announce("absent");
        absent = true;
    }

    private synchronized void announce(String state) {
        if (absent) {
            return;
        }
        context.events()
                .publish(
                        Topic.DEVICES,
                        context.worker(),
                        new DeviceState(
                                context.worker(),
                                deviceClass,
                                machine.cpuModel(),
                                machine.cores(),
                                machine.operatingSystem(),
                                RuntimeVersion.current().toString(),
                                Arrays.stream(Spec.Precision.values())
                                        .map(Spec.Precision::label)
                                        .toList(),
                                state,
                                context.clock().instant().toString()));
    }
}
