package dev.limbeck.workflows;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Everything that a training worker does, without the work: a space of two blocks with two variants and one, two samples for the
 * predictor, and searches of two generations, whose last one proposes nothing new.
 */
final class FakeTraining
        implements SpaceActivities,
                LibraryActivities,
                PredictorActivities,
                SearchActivities,
                FinetuneActivities,
                QuantizeActivities,
                ReportActivities {

    static final Timing TIMING = new Timing("trainer", 1, 2);
    static final SpacePlan PLAN = new SpacePlan(
            "plan",
            List.of(List.of("a0-fp32", "a1-fp32"), List.of("b0-fp32")),
            Map.of(
                    "laptop", List.of("a0-fp32", "a1-fp32", "b0-fp32"),
                    "phone", List.of("a0-int8", "a1-int8", "b0-int8")),
            TIMING);
    static final Profile PROFILE = new Profile("profile", "2 networks");
    static final Library LIBRARY = new Library("plan", "library");
    static final FittedPredictor PREDICTOR = new FittedPredictor("predictor", 0.9, 0.01, TIMING);
    static final List<List<Integer>> SAMPLES = List.of(List.of(0, 0), List.of(1, 0));

    /** More than one measuring task takes. */
    static final int CANDIDATES = 20;

    /** By scenario; the second is chosen in both. */
    static final Map<String, List<List<Integer>>> CHOSEN =
            Map.of("laptop", List.of(List.of(0, 0), List.of(1, 0)), "phone", List.of(List.of(1, 0)));

    private final Calls calls;

    FakeTraining(Calls calls) {
        this.calls = calls;
    }

    @Override
    public SpacePlan planSpace(RunRequest run) {
        calls.add("planSpace");
        return PLAN;
    }

    @Override
    public Profile profileSpace(RunRequest run, SpacePlan plan, Map<String, MeasureOutcome> latencies) {
        calls.add("profileSpace", plan, latencies);
        return PROFILE;
    }

    @Override
    public BlockOutcome trainBlock(RunRequest run, SpacePlan plan, BlockTask task) {
        calls.add("trainBlock", plan, task);
        return block(task);
    }

    static BlockOutcome block(BlockTask task) {
        return new BlockOutcome(task, "block-" + task.block() + "-" + task.variant(), 0.1, 0.2, TIMING);
    }

    @Override
    public Library collectLibrary(RunRequest run, SpacePlan plan, List<BlockOutcome> blocks) {
        calls.add("collectLibrary", plan, blocks);
        return LIBRARY;
    }

    @Override
    public List<List<Integer>> sampleArchitectures(RunRequest run, Library library) {
        calls.add("sampleArchitectures", library);
        return SAMPLES;
    }

    @Override
    public SampleOutcome finetuneSample(RunRequest run, Library library, List<Integer> architecture) {
        calls.add("finetuneSample", library, architecture);
        return sample(architecture);
    }

    static SampleOutcome sample(List<Integer> architecture) {
        return new SampleOutcome(architecture, 0.5, 0.9, 100, 10, TIMING);
    }

    @Override
    public FittedPredictor fitPredictor(RunRequest run, Library library, List<SampleOutcome> samples) {
        calls.add("fitPredictor", library, samples);
        return PREDICTOR;
    }

    @Override
    public Generation propose(
            RunRequest run,
            Library library,
            FittedPredictor predictor,
            String scenario,
            String state,
            List<Measured> measured) {
        calls.add("propose", library, predictor, scenario, state, measured);
        int number = state == null ? 0 : Integer.parseInt(state.substring(state.length() - 1)) + 1;
        return new Generation(
                scenario + "-state-" + number,
                number,
                number == 0 ? candidates(scenario) : List.of(),
                number == 2,
                TIMING);
    }

    static List<Candidate> candidates(String scenario) {
        return IntStream.range(0, CANDIDATES)
                .mapToObj(i -> new Candidate(List.of(i, 0), 0.9, scenario + "-candidate-" + i))
                .toList();
    }

    @Override
    public SearchOutcome chooseFront(RunRequest run, Library library, String scenario, String state, long startMillis) {
        calls.add("chooseFront", library, scenario, state);
        return found(scenario, state);
    }

    static SearchOutcome found(String scenario, String state) {
        return new SearchOutcome(scenario, state, CHOSEN.get(scenario), TIMING);
    }

    @Override
    public Finetuned evaluateReference(RunRequest run) {
        calls.add("evaluateReference");
        return network(List.of(), "fp32");
    }

    @Override
    public Finetuned finetune(RunRequest run, Library library, List<Integer> architecture) {
        calls.add("finetune", library, architecture);
        return network(architecture, "fp32");
    }

    @Override
    public Finetuned quantize(RunRequest run, Finetuned network, boolean reduceRange) {
        calls.add("quantize", network, reduceRange);
        Finetuned quantized = network(network.architecture(), "int8");
        return network.compression() == null ? quantized : compressed(quantized);
    }

    @Override
    public List<ShapeTask> shapesToMeasure(RunRequest run, Finetuned network, Map<String, List<Double>> millis) {
        calls.add("shapesToMeasure", network, millis);
        return switch (millis.size()) {
            case 0 -> List.of(shapes(network, "layer 1"), shapes(network, "layer 2"));
            case 2 -> List.of(shapes(network, "choice"));
            default -> List.of();
        };
    }

    static ShapeTask shapes(Finetuned network, String key) {
        return new ShapeTask(key, List.of(network.network(), key));
    }

    @Override
    public Finetuned compress(RunRequest run, Finetuned network, Map<String, List<Double>> millis) {
        calls.add("compress", network, millis);
        return compressed(network);
    }

    static Finetuned compressed(Finetuned network) {
        return new Finetuned(
                network.architecture(),
                network.precision(),
                network.network() + "-small",
                0.88,
                0.87,
                "made",
                TIMING,
                "spatial-svd",
                List.of("the ratio is missed"));
    }

    @Override
    public QuantizeOutcome quantizeReference(
            RunRequest run, String way, boolean reduceRange, Map<String, List<Double>> millis) {
        calls.add("quantizeReference", way, reduceRange, run.reference(), millis);
        return quantized(way);
    }

    @Override
    public List<ShapeTask> precisionsToMeasure(
            RunRequest run, String way, boolean reduceRange, Map<String, List<Double>> millis) {
        calls.add("precisionsToMeasure", way, millis);
        return switch (millis.size()) {
            case 0 -> List.of(new ShapeTask("groups", List.of("integers", "float group")));
            case 1 -> List.of(new ShapeTask("choice", List.of("chosen")));
            default -> List.of();
        };
    }

    static QuantizeOutcome quantized(String way) {
        return new QuantizeOutcome(way, way + "-network", 0.9, 0.89, List.of("made"), List.of(), 0, TIMING, List.of());
    }

    @Override
    public RunOutcome reportQuantization(
            RunRequest run,
            Finetuned reference,
            List<QuantizeOutcome> networks,
            Map<String, MeasureOutcome> measured,
            Map<String, TuneOutcome> tuned) {
        calls.add("reportQuantization", reference, networks, measured, tuned);
        return new RunOutcome(run.runId(), "results", Map.of("models/a.onnx", "digest"));
    }

    static Finetuned network(List<Integer> architecture, String precision) {
        return new Finetuned(
                architecture, precision, "network-" + architecture + "-" + precision, 0.9, 0.89, "made", TIMING);
    }

    @Override
    public RunOutcome report(RunRequest run, ReportRequest request) {
        calls.add("report", request);
        return new RunOutcome(run.runId(), "results", Map.of("models/a.onnx", "digest"));
    }
}
