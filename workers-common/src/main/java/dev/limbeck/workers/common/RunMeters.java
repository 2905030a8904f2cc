package dev.limbeck.workers.common;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Meters of the runs that are under way: where they are, what waits for workers, and what the searches have found so far.
 *
 * <p>A run's label is the name in its spec, which many runs share, and not its id, of which there is no end. What a process says of a
 * run that has ended goes away, but for the time of its last report.
 */
public final class RunMeters {

    private static final double MILLIS_PER_SECOND = 1000;

    private final MeterRegistry registry;
    private final BoundedLabel names;
    private final BoundedLabel scenarios;
    private final AtomicLong underWay = new AtomicLong();
    private final MultiGauge stages;
    private final MultiGauge progress;
    private final MultiGauge timeLeft;
    private final MultiGauge tasks;
    private final MultiGauge accuracies;
    private final MultiGauge latencies;
    private final MultiGauge updates;
    private final Map<String, AtomicLong> reports = new ConcurrentHashMap<>();
    private final Map<Search, Front> fronts = new ConcurrentHashMap<>();

    /**
     * @param names of runs
     * @param scenarios names of scenarios
     */
    RunMeters(MeterRegistry registry, BoundedLabel names, BoundedLabel scenarios) {
        this.registry = registry;
        this.names = names;
        this.scenarios = scenarios;
        Gauge.builder("limbeck.runs", underWay, AtomicLong::get)
                .description("Runs under way")
                .register(registry);
        stages = gauge("limbeck.run.stage", "1 for the stage that a run is in");
        progress = gauge("limbeck.run.progress.ratio", "Share done, 0 to 1, of the stage that a run is in");
        timeLeft = gauge("limbeck.run.time.left.seconds", "Estimate of when the stage that a run is in will end");
        tasks = gauge("limbeck.tasks", "Tasks that wait for a worker, that run, and that are tried again");
        accuracies = gauge("limbeck.front.accuracy.ratio", "Predicted accuracy of networks on a search's front so far");
        latencies = gauge("limbeck.front.latency.seconds", "Measured latency of networks on a search's front so far");
        updates = gauge("limbeck.front.updated.timestamp.seconds", "When this process last saw a search's front");
    }

    private MultiGauge gauge(String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    /**
     * A run under way.
     *
     * @param progress share done of the stage, 0 to 1; null where the stage is one piece of work
     * @param secondsLeft of the stage; null while nothing is known
     */
    public record Run(String runId, String stage, Double progress, Double secondsLeft) {}

    /** @param state waiting, running or retrying */
    public record Tasks(String activity, String queue, String state, int count) {}

    /** A network on a front. @param latencyMillis its median */
    public record Point(double accuracy, double latencyMillis) {}

    private record Search(String run, String scenario) {}

    private record Front(List<Point> points, Instant seen) {}

    /** What is under way now, in place of what was. */
    public void show(Collection<Run> runs, Collection<Tasks> pending, Instant now) {
        runs.forEach(run -> reports.computeIfAbsent(name(run.runId()), name -> report(name, now)));
        underWay.set(runs.size());
        stages.register(
                runs.stream()
                        .map(run -> Row.of(tags(run).and("stage", run.stage()), 1))
                        .toList(),
                true);
        progress.register(
                runs.stream()
                        .filter(run -> run.progress() != null)
                        .map(run -> Row.of(tags(run), run.progress()))
                        .toList(),
                true);
        timeLeft.register(
                runs.stream()
                        .filter(run -> run.secondsLeft() != null)
                        .map(run -> Row.of(tags(run), run.secondsLeft()))
                        .toList(),
                true);
        tasks.register(
                pending.stream()
                        .map(some -> Row.of(
                                Tags.of("activity_type", some.activity(), "queue", some.queue(), "state", some.state()),
                                some.count()))
                        .toList(),
                true);
        Set<String> present = runs.stream().map(run -> name(run.runId())).collect(Collectors.toSet());
        if (fronts.keySet().removeIf(search -> !present.contains(search.run()))) {
            registerFronts();
        }
    }

    /** A task of a run has come a step further. */
    public void reported(String runId, Instant now) {
        reports.computeIfAbsent(name(runId), name -> report(name, now)).set(now.toEpochMilli());
    }

    private AtomicLong report(String name, Instant now) {
        AtomicLong millis = new AtomicLong(now.toEpochMilli());
        Gauge.builder("limbeck.run.reported.timestamp.seconds", millis, last -> last.get() / MILLIS_PER_SECOND)
                .description("When a task of a run last came a step further in this process")
                .strongReference(true)
                .tag("run", name)
                .register(registry);
        return millis;
    }

    /** The front of a search so far. @param points a few, spread over it, by latency */
    public void front(String runId, String scenario, List<Point> points, Instant now) {
        fronts.put(new Search(name(runId), scenarios.of(scenario)), new Front(List.copyOf(points), now));
        registerFronts();
    }

    private synchronized void registerFronts() {
        List<Row<?>> accuracyRows = new ArrayList<>();
        List<Row<?>> latencyRows = new ArrayList<>();
        List<Row<?>> updateRows = new ArrayList<>();
        fronts.forEach((search, front) -> {
            Tags of = Tags.of("run", search.run(), "scenario", search.scenario());
            updateRows.add(Row.of(of, front.seen().toEpochMilli() / MILLIS_PER_SECOND));
            for (int i = 0; i < front.points().size(); i++) {
                Tags tags = of.and("point", Integer.toString(i + 1));
                accuracyRows.add(Row.of(tags, front.points().get(i).accuracy()));
                latencyRows.add(Row.of(tags, front.points().get(i).latencyMillis() / MILLIS_PER_SECOND));
            }
        });
        accuracies.register(accuracyRows, true);
        latencies.register(latencyRows, true);
        updates.register(updateRows, true);
    }

    private Tags tags(Run run) {
        return Tags.of("run", name(run.runId()));
    }

    /** An id is the spec's name, a hyphen and a digest. */
    private String name(String runId) {
        int end = runId.lastIndexOf('-');
        return names.of(end > 0 ? runId.substring(0, end) : runId);
    }
}
