package dev.limbeck.workers.device;

import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.workers.common.MeasurementLog;
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

    private DeviceWorker(WorkerFactory factory) {
        this.factory = factory;
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
        return new DeviceWorker(factory);
    }

    @Override
    public void close() {
        factory.shutdownNow();
        factory.awaitTermination(10, TimeUnit.SECONDS);
    }
}
