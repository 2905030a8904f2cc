package dev.limbeck.workers.device;

import dev.limbeck.measure.Device;
import dev.limbeck.measure.LocalDevice;
import dev.limbeck.workers.common.Measurements;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.client.WorkflowClient;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A device worker: serves measuring tasks of one class of devices until it is closed. */
public final class DeviceWorker implements AutoCloseable {

    private final WorkerFactory factory;
    private final Presence presence;
    private final Device device;
    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("device-beat").factory());

    private DeviceWorker(WorkerFactory factory, Presence presence, Device device, DeviceWorkerOptions options) {
        this.factory = factory;
        this.presence = presence;
        this.device = device;
        long beat = options.beat().toMillis();
        beats.scheduleAtFixedRate(presence::beat, beat, beat, TimeUnit.MILLISECONDS);
    }

    /** Measures on this machine. */
    public static DeviceWorker start(
            WorkflowClient client, WorkerContext context, Measurements memory, String deviceClass) {
        return start(
                client, context, memory, LocalDevice.ofThisMachine(), DeviceWorkerOptions.ofThisMachine(deviceClass));
    }

    /** @param device closed together with the worker */
    public static DeviceWorker start(
            WorkflowClient client,
            WorkerContext context,
            Measurements memory,
            Device device,
            DeviceWorkerOptions options) {
        WorkerFactory factory = WorkerFactory.newInstance(client);
        // one slot: two measurements at once would measure each other
        Worker worker = factory.newWorker(
                TaskQueues.device(options.deviceClass()),
                WorkerOptions.newBuilder()
                        .setMaxConcurrentActivityExecutionSize(1)
                        .setMaxHeartbeatThrottleInterval(WorkerContext.HEARTBEAT_INTERVAL)
                        .build());
        Presence presence = new Presence(context, options, device.description(), device.health());
        worker.registerActivitiesImplementations(new DeviceActivitiesImpl(context, memory, device, presence));
        presence.available();
        factory.start();
        return new DeviceWorker(factory, presence, device, options);
    }

    @Override
    public void close() {
        beats.shutdownNow();
        presence.absent();
        factory.shutdownNow();
        factory.awaitTermination(10, TimeUnit.SECONDS);
        device.close();
    }
}
