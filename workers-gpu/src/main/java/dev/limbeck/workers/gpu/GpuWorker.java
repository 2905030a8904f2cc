package dev.limbeck.workers.gpu;

import dev.limbeck.workers.common.Shutdown;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workflows.BlockLibraryWorkflowImpl;
import dev.limbeck.workflows.FinetuneWorkflowImpl;
import dev.limbeck.workflows.OptimizeWorkflowImpl;
import dev.limbeck.workflows.PredictorWorkflowImpl;
import dev.limbeck.workflows.QuantizeWorkflowImpl;
import dev.limbeck.workflows.RemeasureWorkflowImpl;
import dev.limbeck.workflows.SearchWorkflowImpl;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.client.WorkflowClient;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;

/** A training worker: serves workflows and training activities until it is closed. */
public final class GpuWorker implements AutoCloseable {

    private final WorkerFactory factory;
    private final RunMonitor monitor;

    private GpuWorker(WorkerFactory factory, RunMonitor monitor) {
        this.factory = factory;
        this.monitor = monitor;
    }

    public static GpuWorker start(WorkflowClient client, WorkerContext context, GpuWorkerOptions options) {
        WorkerFactory factory = WorkerFactory.newInstance(client);
        Worker control = factory.newWorker(TaskQueues.CONTROL);
        control.registerWorkflowImplementationTypes(
                OptimizeWorkflowImpl.class,
                BlockLibraryWorkflowImpl.class,
                PredictorWorkflowImpl.class,
                SearchWorkflowImpl.class,
                FinetuneWorkflowImpl.class,
                QuantizeWorkflowImpl.class,
                RemeasureWorkflowImpl.class);
        Workshop workshop = new Workshop(
                context,
                new Data(options.dataDir(), options.dataCache()),
                options.compute(),
                options.checkpointInterval());
        Quantization quantization = new Quantization(workshop);
        Worker training = factory.newWorker(
                TaskQueues.training(options.trainingClass()),
                WorkerOptions.newBuilder()
                        .setMaxConcurrentActivityExecutionSize(options.slots())
                        .setMaxHeartbeatThrottleInterval(WorkerContext.HEARTBEAT_INTERVAL)
                        .build());
        training.registerActivitiesImplementations(
                new SpaceActivitiesImpl(workshop, quantization),
                new LibraryActivitiesImpl(workshop),
                new PredictorActivitiesImpl(workshop),
                new SearchActivitiesImpl(workshop, quantization),
                new FinetuneActivitiesImpl(workshop, quantization),
                new QuantizeActivitiesImpl(workshop, quantization),
                new ReportActivitiesImpl(workshop));
        factory.start();
        RunMonitor monitor = new RunMonitor(client, context.metrics().runs(), context.clock(), System::nanoTime);
        return new GpuWorker(factory, monitor.start());
    }

    /** Gives running tasks back: they stop at their next heartbeat, and go on from their checkpoints elsewhere. */
    @Override
    public void close() {
        monitor.close();
        Shutdown.of(factory);
    }
}
