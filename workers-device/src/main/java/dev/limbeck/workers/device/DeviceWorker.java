package dev.limbeck.workers.device;

import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.MachineState;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.workers.common.MeasurementLog;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.client.WorkflowClient;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.util.concurrent.TimeUnit;

/** A device worker: serves measuring tasks of one class of devices until it is closed. */
public final class DeviceWorker implements AutoCloseable {

    private final WorkerFactory factory;
    private final WorkerContext context;
    private final String deviceClass;

    private DeviceWorker(WorkerFactory factory, WorkerContext context, String deviceClass) {
        this.factory = factory;
        this.context = context;
        this.deviceClass = deviceClass;
    }

    /** @param deviceClass name of the class of devices, all alike, that this one belongs to */
    public static DeviceWorker start(
            WorkflowClient client, WorkerContext context, MeasurementLog memory, String deviceClass) {
        WorkerFactory factory = WorkerFactory.newInstance(client);
        // one slot: two measurements at once would measure each other
        Worker worker = factory.newWorker(
                TaskQueues.device(deviceClass),
                WorkerOptions.newBuilder()
                        .setMaxConcurrentActivityExecutionSize(1)
                        .build());
        worker.registerActivitiesImplementations(
                new DeviceActivitiesImpl(context, memory, LatencyMeasurer.ofThisMachine()));
        factory.start();
        DeviceWorker device = new DeviceWorker(factory, context, deviceClass);
        device.announce("available");
        return device;
    }

    private void announce(String state) {
        MachineState machine = MachineState.read();
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
                                state));
    }

    @Override
    public void close() {
        announce("absent");
        factory.shutdownNow();
        factory.awaitTermination(10, TimeUnit.SECONDS);
    }
}
