package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.Spec;
import dev.limbeck.search.Architecture;
import dev.limbeck.search.GuidedProposals;
import dev.limbeck.search.Individual;
import dev.limbeck.search.LatencyFit;
import dev.limbeck.search.LatencyTable;
import dev.limbeck.search.Nsga2;
import dev.limbeck.search.Nsga2Options;
import dev.limbeck.search.Nsga2State;
import dev.limbeck.search.ParetoFront;
import dev.limbeck.search.StartingPoints;
import dev.limbeck.store.Digests;
import dev.limbeck.workers.common.RunMeters;
import dev.limbeck.workers.gpu.SearchArtifact.Point;
import dev.limbeck.workflows.Candidate;
import dev.limbeck.workflows.FittedPredictor;
import dev.limbeck.workflows.Generation;
import dev.limbeck.workflows.Library;
import dev.limbeck.workflows.Measured;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.Scenarios;
import dev.limbeck.workflows.SearchActivities;
import dev.limbeck.workflows.SearchOutcome;
import dev.limbeck.workflows.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Proposes candidates and learns from their latencies. */
final class SearchActivitiesImpl implements SearchActivities {

    /** Predicted accuracy, as a fraction, that a network may lie below the best and still be finetuned. */
    private static final double USEFUL_DROP = 0.03;

    /** Networks of a front that the metrics show. */
    private static final int SHOWN = 8;

    private final Workshop workshop;
    private final Quantization quantization;

    SearchActivitiesImpl(Workshop workshop, Quantization quantization) {
        this.workshop = workshop;
        this.quantization = quantization;
    }

    @Override
    public Generation propose(
            RunRequest run,
            Library library,
            FittedPredictor predictor,
            String scenario,
            String state,
            List<Measured> measured) {
        return workshop.timed(run, "search " + scenario, (timing, progress) -> {
            Assembly assembly = Assembly.of(workshop.artifacts(), run, library);
            SearchArtifact told = state == null
                    ? start(run, assembly, predictor, scenario)
                    : tell(run, scenario, workshop.artifacts().getJson(state, SearchArtifact.class), measured);
            int generation = told.nsga2().generation();
            int generations = run.spec().search().generations();
            boolean done = generation >= generations;
            List<Candidate> asked = new ArrayList<>();
            PredictorArtifact fitted = workshop.artifacts().getJson(predictor.digest(), PredictorArtifact.class);
            List<List<Integer>> proposed = done ? List.of() : ask(run, assembly, scenario, told, fitted);
            for (List<Integer> architecture : proposed) {
                asked.add(new Candidate(
                        architecture,
                        fitted.predictor().predict(assembly.noiseToSignal(architecture), List.of()),
                        network(run, assembly, scenario, architecture)));
                progress.report(
                        "search " + scenario,
                        (long) generation * proposed.size() + asked.size(),
                        (long) generations * proposed.size(),
                        "generation " + (generation + 1) + " of " + generations);
            }
            SearchArtifact next = new SearchArtifact(told.nsga2(), asked, told.history());
            return new Generation(
                    workshop.artifacts().putJson(next), generation, asked, done || asked.isEmpty(), timing.get());
        });
    }

    @Override
    public SearchOutcome chooseFront(RunRequest run, Library library, String scenario, String state, long startMillis) {
        Assembly assembly = Assembly.of(workshop.artifacts(), run, library);
        SearchArtifact search = workshop.artifacts().getJson(state, SearchArtifact.class);
        Map<List<Integer>, Point> points =
                search.history().stream().collect(Collectors.toMap(Point::architecture, Function.identity()));
        List<Point> feasible = Nsga2.front(search.nsga2()).stream()
                .map(individual -> points.get(individual.genes()))
                // that network is there already
                .filter(point -> !assembly.isReference(point.architecture()))
                .toList();
        int networks = run.spec().finetune().networks();
        ParetoFront<Point> front = ParetoFront.of(feasible, Point::predictedAccuracy, Point::p50Millis);
        List<List<Integer>> chosen = ParetoFront.of(
                        useful(front.members(), networks), Point::predictedAccuracy, Point::p50Millis)
                .spread(networks)
                .stream()
                .map(Point::architecture)
                .toList();
        return workshop.timed(
                run,
                "search " + scenario,
                (timing, progress) -> new SearchOutcome(
                        scenario,
                        state,
                        chosen,
                        new Timing(
                                timing.get().worker(), startMillis, timing.get().endMillis())));
    }

    /**
     * The part of a front near its best accuracy; the fast end of a wide space is too inaccurate to be worth finetuning.
     *
     * @param front by latency, so that accuracy rises
     * @param least so many are kept in any case
     */
    private static List<Point> useful(List<Point> front, int least) {
        double best = front.stream().mapToDouble(Point::predictedAccuracy).max().orElse(0);
        long near = front.stream()
                .filter(point -> point.predictedAccuracy() >= best - USEFUL_DROP)
                .count();
        return front.subList(Math.max(0, front.size() - (int) Math.max(near, least)), front.size());
    }

    /** Half of the first generation lies on the front of predicted accuracy against MACs, the other half is random. */
    private SearchArtifact start(RunRequest run, Assembly assembly, FittedPredictor predictor, String scenario) {
        int population = run.spec().search().population();
        List<List<Integer>> initial = StartingPoints.of(
                workshop.artifacts()
                        .getJson(predictor.digest(), PredictorArtifact.class)
                        .predictor(),
                assembly.noiseToSignal(),
                LatencyTable.ofMacs(assembly.profile().blockMacs()),
                population / 2);
        // Another stream of random numbers for each scenario, the same one in every run.
        long seed = run.spec().seed() * 31 + scenario.hashCode();
        Nsga2Options options = Nsga2Options.defaults().withPopulation(population);
        return new SearchArtifact(Nsga2.start(assembly.cardinalities(), options, seed, initial), List.of(), List.of());
    }

    private static List<List<Integer>> ask(
            RunRequest run, Assembly assembly, String scenario, SearchArtifact search, PredictorArtifact fitted) {
        return GuidedProposals.of(
                search.nsga2(),
                fitted.predictor(),
                assembly.noiseToSignal(),
                assembly.profile().blockMacs(),
                search.history().stream()
                        .map(point ->
                                new LatencyFit.Measured(new Architecture(point.architecture()), point.p50Millis()))
                        .toList(),
                Limits.of(Scenarios.named(run.spec(), scenario)).latencyMillis());
    }

    private SearchArtifact tell(RunRequest run, String scenario, SearchArtifact search, List<Measured> measured) {
        Map<String, Measured> latencies =
                measured.stream().collect(Collectors.toMap(Measured::network, Function.identity(), (a, b) -> a));
        Limits limits = Limits.of(Scenarios.named(run.spec(), scenario));
        List<Individual> individuals = new ArrayList<>();
        List<Point> history = new ArrayList<>(search.history());
        for (Candidate candidate : search.asked()) {
            double latency = latencies.get(candidate.network()).p50Millis();
            Graph network = workshop.artifacts().graph(candidate.network());
            individuals.add(new Individual(
                    candidate.architecture(),
                    List.of(1 - candidate.predictedAccuracy(), latency),
                    limits.violation(latency, Cost.of(network))));
            history.add(new Point(
                    candidate.architecture(),
                    candidate.predictedAccuracy(),
                    latency,
                    search.nsga2().generation()));
        }
        Nsga2State nsga2 = Nsga2.tell(search.nsga2(), individuals);
        show(run, scenario, nsga2);
        return new SearchArtifact(nsga2, List.of(), history);
    }

    /** For those who watch the metrics. */
    private void show(RunRequest run, String scenario, Nsga2State nsga2) {
        List<RunMeters.Point> front = Nsga2.front(nsga2).stream()
                .map(individual -> new RunMeters.Point(
                        1 - individual.objectives().get(0),
                        individual.objectives().get(1)))
                .toList();
        List<RunMeters.Point> few = ParetoFront.of(front, RunMeters.Point::accuracy, RunMeters.Point::latencyMillis)
                .spread(SHOWN);
        workshop.metrics().runs().front(run.runId(), scenario, few, workshop.now());
    }

    /** The graph to measure; remembered, since assembling and quantizing takes longer than measuring. */
    private String network(RunRequest run, Assembly assembly, String scenario, List<Integer> architecture) {
        boolean integer = Scenarios.named(run.spec(), scenario).precision() == Spec.Precision.INT8;
        String key = Digests.ofParts(
                "candidate",
                1,
                run.reference(),
                assembly.blocks(architecture),
                integer,
                run.spec().task().data());
        return workshop.artifacts().once(key, String.class, () -> {
            Graph network = assembly.network(architecture);
            return workshop.artifacts().put(integer ? quantization.forLatency(run, network) : network);
        });
    }
}
