package dev.limbeck.workers.device;

import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.MachineState;
import dev.limbeck.workers.common.Measurements;
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
    private final Presence presence;

    private DeviceWorker(WorkerFactory factory, Presence presence) {
        this.factory = factory;
        this.presence = presence;
    }

    /** @param deviceClass name of the class of devices, all alike, that this one belongs to */
    public static DeviceWorker start(
            WorkflowClient client, WorkerContext context, Measurements memory, String deviceClass) {
        WorkerFactory factory = WorkerFactory.newInstance(client);
        // one slot: two measurements at once would measure each other
        Worker worker = factory.newWorker(
                TaskQueues.device(deviceClass),
                WorkerOptions.newBuilder()
                        .setMaxConcurrentActivityExecutionSize(1)
                        .setMaxHeartbeatThrottleInterval(WorkerContext.HEARTBEAT_INTERVAL)
                        .build());
        Presence presence = new Presence(context, deviceClass, MachineState.read());
        worker.registerActivitiesImplementations(
                new DeviceActivitiesImpl(context, memory, LatencyMeasurer.ofThisMachine(), presence));
        presence.available();
        factory.start();
        return new DeviceWorker(factory, presence);
    }

    @Override
    public void close() {
        presence.absent();
        factory.shutdownNow();
        factory.awaitTermination(10, TimeUnit.SECONDS);
    }
}
