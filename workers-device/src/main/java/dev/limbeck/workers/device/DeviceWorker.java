package dev.limbeck.workers.device;

import dev.limbeck.measure.Device;
import dev.limbeck.measure.DeviceDescription;
import dev.limbeck.measure.LocalDevice;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.workers.common.Measurements;
import dev.limbeck.workers.common.Shutdown;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.client.WorkflowClient;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A device worker: serves measuring tasks of one class of devices until it is closed. */
public final class DeviceWorker implements AutoCloseable {

    private final WorkerFactory factory;
    private final Presence presence;
    private final Device device;
    private final ScheduledExecutorService clockwork = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("device-monitor-", 0).factory());

    private DeviceWorker(WorkerFactory factory, Presence presence, Device device) {
        this.factory = factory;
        this.presence = presence;
        this.device = device;
    }

    /** Measures on this machine, which nobody watches. */
    public static DeviceWorker start(
            WorkflowClient client, WorkerContext context, Measurements memory, String deviceClass) {
        return start(
                client,
                context,
                memory,
                LocalDevice.ofThisMachine(),
                DeviceWorkerOptions.ofThisMachine(deviceClass),
                Optional.empty());
    }

    /**
     * Looks at the device, which takes some seconds where it has a reference network, and serves.
     *
     * @param device closed together with the worker
     * @param last what this device said last, before a restart
     */
    public static DeviceWorker start(
            WorkflowClient client,
            WorkerContext context,
            Measurements memory,
            Device device,
            DeviceWorkerOptions options,
            Optional<DeviceState> last) {
        WorkerFactory factory = WorkerFactory.newInstance(client);
        // one slot: two measurements at once would measure each other
        Worker worker = factory.newWorker(
                TaskQueues.device(options.deviceClass()),
                WorkerOptions.newBuilder()
                        .setMaxConcurrentActivityExecutionSize(1)
                        .setMaxConcurrentActivityTaskPollers(1)
                        .setMaxHeartbeatThrottleInterval(WorkerContext.HEARTBEAT_INTERVAL)
                        .build());
        CanaryHistory history = history(device.description(), last);
        Presence presence = new Presence(context, options, device, history.canaries());
        WorkerPolling polling = new WorkerPolling(worker);
        DeviceMonitor monitor = new DeviceMonitor(context, options, device, history, presence, polling);
        worker.registerActivitiesImplementations(
                new DeviceActivitiesImpl(context, memory, device, monitor),
                new RemeasureActivitiesImpl(context, device, monitor));
        monitor.look();
        presence.beat();
        factory.start();
        polling.begin();
        DeviceWorker started = new DeviceWorker(factory, presence, device);
        started.watch(monitor, options.beat().toMillis());
        return started;
    }

    /** Looks wait for tasks; beats do not. */
    private void watch(DeviceMonitor monitor, long beatMillis) {
        clockwork.scheduleAtFixedRate(presence::beat, beatMillis, beatMillis, TimeUnit.MILLISECONDS);
        clockwork.scheduleWithFixedDelay(monitor::look, beatMillis, beatMillis, TimeUnit.MILLISECONDS);
    }

    /** Another system or runtime has a history of its own. */
    private static CanaryHistory history(DeviceDescription device, Optional<DeviceState> last) {
        return new CanaryHistory(last.filter(state -> state.canary() != null
                        && device.processor().equals(state.cpu())
                        && device.os().equals(state.os())
                        && device.build().equals(state.build())
                        && device.runtime().toString().equals(state.runtime()))
                .map(DeviceState::canary)
                .orElse(List.of()));
    }

    @Override
    public void close() {
        clockwork.shutdownNow();
        presence.absent();
        Shutdown.of(factory);
        device.close();
    }

    /** Temporal's worker, which hears nothing before it is started. */
    private static final class WorkerPolling implements Polling {

        private final Worker worker;
        private boolean begun;
        private boolean suspended;

        WorkerPolling(Worker worker) {
            this.worker = worker;
        }

        synchronized void begin() {
            begun = true;
            if (suspended) {
                worker.suspendPolling();
            }
        }

        @Override
        public synchronized void suspend() {
            if (!suspended && begun) {
                worker.suspendPolling();
            }
            suspended = true;
        }

        @Override
        public synchronized void resume() {
            if (suspended && begun) {
                worker.resumePolling();
            }
            suspended = false;
        }
    }
}
