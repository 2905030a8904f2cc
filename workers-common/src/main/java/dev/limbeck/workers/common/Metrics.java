package dev.limbeck.workers.common;

import com.sun.net.httpserver.HttpServer;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.DriftEvent;
import dev.limbeck.schemas.Progress;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** The process's meters, and the address where Prometheus reads them. */
public final class Metrics implements AutoCloseable {

    /** Of names that people choose in specs, so many become values of a label. */
    private static final int CHOSEN_NAMES = 100;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final HttpServer server;
    private final Map<String, AtomicReference<Double>> gauges = new ConcurrentHashMap<>();
    private final Counter imagesTrained;
    private final Counter epochsTrained;
    private final Counter blocksTrained;
    private final Counter networksFinetuned;
    private final Timer storeReads;
    private final Timer storeWrites;
    private final AtomicInteger waitsForSpace = new AtomicInteger();
    private final BoundedLabel scenarios = new BoundedLabel(CHOSEN_NAMES);
    private final BoundedLabel stageNames = new BoundedLabel(CHOSEN_NAMES);
    private final RunMeters runs = new RunMeters(registry, new BoundedLabel(CHOSEN_NAMES), scenarios);

    private Metrics(HttpServer server) {
        this.server = server;
        imagesTrained = Counter.builder("limbeck.training.images")
                .description("Images that training steps have seen")
                .register(registry);
        epochsTrained = Counter.builder("limbeck.training.epochs")
                .description("Epochs trained, parts of epochs included")
                .register(registry);
        blocksTrained = Counter.builder("limbeck.blocks.trained")
                .description("Block variants distilled")
                .register(registry);
        networksFinetuned = Counter.builder("limbeck.networks.finetuned")
                .description("Networks finetuned, for the predictor and for fronts")
                .register(registry);
        Gauge.builder("limbeck.store.full.waits", waitsForSpace, AtomicInteger::get)
                .description("Tasks that wait for space in the store, which is full")
                .register(registry);
        Gauge.builder(
                        "process.resident.memory",
                        new ResidentMemory(Path.of("/proc/self/status")),
                        ResidentMemory::bytes)
                .description("Memory that this process takes, outside the heap too")
                .baseUnit(BaseUnits.BYTES)
                .strongReference(true)
                .register(registry);
        storeReads = storeOperation("read");
        storeWrites = storeOperation("write");
        // known from the start: a counter that appears with its first event has no increase to be alarmed by
        for (Topic topic : Topic.values()) {
            eventsLost(topic);
            recordsUnreadable(topic);
            deadLetters(topic);
        }
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    /** Meters that nobody reads. */
    public static Metrics unserved() {
        return new Metrics(null);
    }

    /**
     * On the loopback interface.
     *
     * @param port 0 for any free one
     * @throws BadInputException if the port is in use
     */
    public static Metrics serve(int port) {
        return serve(InetAddress.getLoopbackAddress().getHostAddress(), port);
    }

    /**
     * @param host name or address of the interface to listen on; {@code 0.0.0.0} for all, for whoever can reach this machine
     * @param port 0 for any free one
     * @throws BadInputException if there is no such interface, or the port is in use
     */
    public static Metrics serve(String host, int port) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
            Metrics metrics = new Metrics(server);
            server.createContext("/metrics", exchange -> {
                String type = contentType(exchange.getRequestHeaders().getFirst("Accept"));
                byte[] text = metrics.registry.scrape(type).getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", type);
                exchange.sendResponseHeaders(200, text.length);
                try (OutputStream body = exchange.getResponseBody()) {
                    body.write(text);
                }
            });
            server.start();
            return metrics;
        } catch (IOException e) {
            throw new BadInputException(
                    "metrics cannot be served on port %d of %s (%s); choose another place by --metrics-port and --metrics-host"
                            .formatted(port, host, e.getMessage()),
                    e);
        }
    }

    /** Prometheus asks for OpenMetrics; a person with a browser gets the plain text. */
    private static String contentType(String accepted) {
        return accepted != null && accepted.contains("application/openmetrics-text")
                ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
    }

    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Where Prometheus finds the meters. */
    public String address() {
        return "http://" + server.getAddress().getHostString() + ":"
                + server.getAddress().getPort() + "/metrics";
    }

    /** Of the runs under way. */
    public RunMeters runs() {
        return runs;
    }

    public void imagesTrained(double images) {
        imagesTrained.increment(images);
    }

    public void epochsTrained(double epochs) {
        epochsTrained.increment(epochs);
    }

    /**
     * Counts the images and epochs of a training that reports its progress in images, while passing the reports on. What was
     * trained before a resumption is not counted again.
     *
     * @param imagesPerEpoch size of the training set
     */
    public Progress countingImages(Progress progress, long imagesPerEpoch) {
        AtomicLong before = new AtomicLong(-1);
        return (step, done, total, detail) -> {
            long last = before.getAndSet(done);
            if (last >= 0 && done > last) {
                imagesTrained(done - last);
                epochsTrained((done - last) / (double) imagesPerEpoch);
            }
            progress.report(step, done, total, detail);
        };
    }

    /** How far the task is that reported last in a stage of a run. */
    public void progress(String stage, long done, long total) {
        gauge(
                        "limbeck.stage.progress.ratio",
                        "Share done, 0 to 1, of the task that reported last in a stage",
                        Tags.of("stage", stageNames.of(stage)))
                .set(total > 0 ? Math.min(1, done / (double) total) : 0);
    }

    /** An event did not reach Kafka. */
    public void eventLost(Topic topic) {
        eventsLost(topic).increment();
    }

    private Counter eventsLost(Topic topic) {
        return Counter.builder("limbeck.events.lost")
                .description("Events that could not be sent")
                .tag("topic", topic.topicName())
                .register(registry);
    }

    /** A record is no event of ours. */
    public void recordUnreadable(Topic topic) {
        recordsUnreadable(topic).increment();
    }

    private Counter recordsUnreadable(Topic topic) {
        return Counter.builder("limbeck.records.unreadable")
                .description("Records that could not be read and were skipped")
                .tag("topic", topic.topicName())
                .register(registry);
    }

    /** This process has put a record that cannot be read where people find it. */
    public void deadLetter(Topic topic) {
        deadLetters(topic).increment();
    }

    private Counter deadLetters(Topic topic) {
        return Counter.builder("limbeck.dead.letters")
                .description("Records put on the dead-letter topic")
                .tag("topic", topic.topicName())
                .register(registry);
    }

    private Timer storeOperation(String operation) {
        return Timer.builder("limbeck.store.operation")
                .description("How long the store takes to answer")
                .tag("operation", operation)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofMinutes(1))
                .register(registry);
    }

    Timer storeReads() {
        return storeReads;
    }

    Timer storeWrites() {
        return storeWrites;
    }

    /** How many tasks of this process wait for space in the store. */
    AtomicInteger waitsForSpace() {
        return waitsForSpace;
    }

    public void blockTrained() {
        blocksTrained.increment();
    }

    public void networkFinetuned() {
        networksFinetuned.increment();
    }

    /** A candidate was measured; {@code remembered} where an earlier measurement served. */
    public void measured(String deviceClass, String scenario, boolean remembered) {
        Counter.builder("limbeck.candidates.measured")
                .description("Networks whose latency was asked for")
                .tag("device_class", deviceClass)
                .tag("scenario", scenarios.of(scenario))
                .tag("remembered", Boolean.toString(remembered))
                .register(registry)
                .increment();
    }

    /** The median latency of a measured network. */
    public void inferenceLatency(String deviceClass, String scenario, double millis) {
        Timer.builder("limbeck.inference.latency")
                .description("Median latency of measured networks")
                .tag("device_class", deviceClass)
                .tag("scenario", scenarios.of(scenario))
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofNanos(10_000))
                .maximumExpectedValue(Duration.ofSeconds(10))
                .register(registry)
                .record((long) (millis * 1e6), TimeUnit.NANOSECONDS);
    }

    /** How long a task waited in its queue before a worker took it. */
    public void queueWait(String queue, Duration waited) {
        Timer.builder("limbeck.queue.wait")
                .description("Time between the scheduling of a task and its start")
                .tag("queue", queue)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofHours(1))
                .register(registry)
                .record(waited);
    }

    /** What the device of this process does. */
    public void deviceState(String deviceClass, DeviceState.State state) {
        for (DeviceState.State possible : DeviceState.State.values()) {
            device(
                            "limbeck.device.state",
                            "1 for the state that the device is in, 0 for the others",
                            deviceClass,
                            "state",
                            possible.label())
                    .set(possible == state ? 1.0 : 0.0);
        }
    }

    /** The temperature of the warmest part of the device of this process. */
    public void deviceTemperature(String deviceClass, double celsius) {
        device("limbeck.device.temperature.celsius", "Of the device's warmest part", deviceClass, "sensor", "warmest")
                .set(celsius);
    }

    /** How much longer than usual the reference network took: measured / median - 1. */
    public void canaryDrift(String deviceClass, String precision, double drift) {
        device(
                        "limbeck.device.canary.drift.ratio",
                        "How much longer than usual the reference network took",
                        deviceClass,
                        "precision",
                        precision)
                .set(drift);
    }

    /**
     * How a scenario's front, measured again by this process, differs from what its run had measured. Another process may measure it
     * the next time: the newest time stamp says whose drift counts.
     */
    public void frontDrift(DriftEvent drift, Instant now) {
        Tags front = Tags.of("device_class", drift.deviceClass(), "scenario", scenarios.of(drift.scenario()));
        String ratio = "limbeck.front.drift.ratio";
        String description = "Latency of the reference, or ratio of a network's to it, over that of the run, minus 1";
        gauge(ratio, description, front.and("of", "machine"))
                .set(drift.reference().drift());
        gauge(ratio, description, front.and("of", "networks")).set(drift.networksDriftMost());
        gauge("limbeck.front.drift.tolerance.ratio", "The largest drift that counts as none", front)
                .set(drift.tolerance());
        gauge("limbeck.front.remeasured.timestamp.seconds", "When the front was measured again", front)
                .set(now.toEpochMilli() / 1e3);
    }

    private AtomicReference<Double> device(
            String name, String description, String deviceClass, String tag, String value) {
        return gauge(name, description, Tags.of("device_class", deviceClass, tag, value));
    }

    private AtomicReference<Double> gauge(String name, String description, Tags tags) {
        return gauges.computeIfAbsent(name + tags, key -> {
            AtomicReference<Double> present = new AtomicReference<>(0.0);
            Gauge.builder(name, present, AtomicReference::get)
                    .description(description)
                    .tags(tags)
                    .register(registry);
            return present;
        });
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
        }
        garbageCollection.close();
        registry.close();
    }
}
