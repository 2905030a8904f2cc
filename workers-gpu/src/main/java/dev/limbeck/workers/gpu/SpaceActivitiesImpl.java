package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Activation;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Spec;
import dev.limbeck.search.Attention;
import dev.limbeck.search.Block;
import dev.limbeck.search.BlockChoice;
import dev.limbeck.search.BlockFinder;
import dev.limbeck.search.LatencyTable;
import dev.limbeck.search.LayerType;
import dev.limbeck.search.SearchSpace;
import dev.limbeck.search.SpaceOptions;
import dev.limbeck.search.SpaceProfile;
import dev.limbeck.search.VariantBuilder;
import dev.limbeck.workflows.MeasureOutcome;
import dev.limbeck.workflows.Measured;
import dev.limbeck.workflows.Profile;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.SpaceActivities;
import dev.limbeck.workflows.SpacePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Plans and profiles the search space. */
final class SpaceActivitiesImpl implements SpaceActivities {

    /** So many images calibrate blocks that are only measured, never used. */
    private static final int CALIBRATION_IMAGES = 16;

    private final Workshop workshop;
    private final Quantization quantization;

    SpaceActivitiesImpl(Workshop workshop, Quantization quantization) {
        this.workshop = workshop;
        this.quantization = quantization;
    }

    @Override
    public SpacePlan planSpace(RunRequest run) {
        return workshop.timed(run, "space", (timing, progress) -> {
            Graph reference = workshop.artifacts().graph(run.reference());
            SearchSpace space = space(reference, run.spec().space());
            boolean integer = run.spec().scenarios().stream().anyMatch(s -> s.precision() == Spec.Precision.INT8);
            Map<String, BlockInputs> inputs = run.spec().scenarios().stream()
                    .collect(Collectors.toMap(Spec.Scenario::name, scenario -> BlockInputs.of(reference, scenario)));
            List<List<String>> untrained = new ArrayList<>();
            Map<String, List<String>> glanced = new LinkedHashMap<>();
            int built = 0;
            for (int b = 0; b < space.blocks().size(); b++) {
                Block block = space.blocks().get(b);
                Teacher.BlockData data = integer
                        ? workshop.teacher().around(run, space.blocks(), b, workshop.data(run), CALIBRATION_IMAGES)
                        : null;
                List<String> variants = new ArrayList<>();
                for (BlockChoice choice : space.choices().get(b)) {
                    Graph variant = VariantBuilder.build(
                            reference, block, choice, run.spec().seed());
                    Graph quantized = integer ? quantization.ofBlock(variant, data.inputs()) : null;
                    variants.add(workshop.artifacts().put(variant));
                    for (Spec.Scenario scenario : run.spec().scenarios()) {
                        Graph graph = scenario.precision() == Spec.Precision.INT8 ? quantized : variant;
                        glanced.computeIfAbsent(scenario.name(), name -> new ArrayList<>())
                                .add(workshop.artifacts()
                                        .put(inputs.get(scenario.name()).resized(graph, block)));
                    }
                    progress.report("lay out the space", ++built, space.variants(), block.name());
                }
                untrained.add(variants);
            }
            String digest = workshop.artifacts().putJson(new SpaceArtifact(space.blocks(), space.choices()));
            return new SpacePlan(digest, untrained, glanced, timing.get());
        });
    }

    @Override
    public Profile profileSpace(RunRequest run, SpacePlan plan, Map<String, MeasureOutcome> latencies) {
        SearchSpace space =
                workshop.artifacts().getJson(plan.digest(), SpaceArtifact.class).space();
        SpaceProfile profile = SpaceProfile.of(workshop.artifacts().graph(run.reference()), space);
        StringBuilder text = new StringBuilder();
        text.append(
                "%d blocks, %d variants, %,d networks; %.2f to %.2f M MACs, %.0f to %.0f k parameters (reference: %.2f M, %.0f k)"
                        .formatted(
                                space.blocks().size(),
                                space.variants(),
                                space.architectures(),
                                profile.macs().least() / 1e6,
                                profile.macs().most() / 1e6,
                                profile.parameters().least() / 1e3,
                                profile.parameters().most() / 1e3,
                                profile.reference().macs() / 1e6,
                                profile.reference().parameters() / 1e3));
        Map<String, LatencyRange> ranges = new LinkedHashMap<>();
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            LatencyTable table = table(space, latencies.get(scenario.name()));
            LatencyRange range = new LatencyRange(table.fastestMillis(), table.slowestMillis());
            ranges.put(scenario.name(), range);
            text.append(
                    "\n%s: blocks take %.3f to %.3f ms in all".formatted(scenario.name(), range.least(), range.most()));
            Double limit = scenario.limits().latency();
            if (limit != null && !table.canMeet(limit)) {
                throw new BadInputException(
                        "scenario '%s' allows %.3f ms, but the fastest blocks alone take %.3f ms; raise limits.latency, or widen space.vary"
                                .formatted(scenario.name(), limit, range.least()));
            }
            if (limit != null) {
                text.append(", the limit is %.3f ms".formatted(limit));
            }
        }
        return new Profile(workshop.artifacts().putJson(new ProfileArtifact(profile, ranges)), text.toString());
    }

    private static LatencyTable table(SearchSpace space, MeasureOutcome outcome) {
        List<List<Double>> millis = new ArrayList<>();
        int next = 0;
        for (List<BlockChoice> choices : space.choices()) {
            List<Measured> block = outcome.measured().subList(next, next + choices.size());
            millis.add(block.stream().map(Measured::p50Millis).toList());
            next += choices.size();
        }
        return new LatencyTable(0, millis);
    }

    private static SearchSpace space(Graph reference, Spec.Space wanted) {
        List<Block> blocks = wanted.blocks() == null
                ? BlockFinder.find(reference)
                : BlockFinder.named(
                        reference,
                        wanted.blocks().stream()
                                .map(cut -> new BlockFinder.Named(cut.from(), cut.to()))
                                .toList());
        Spec.Vary vary = wanted.vary();
        return SearchSpace.of(
                blocks,
                new SpaceOptions(
                        vary.kernel(),
                        vary.expansion(),
                        vary.depth(),
                        vary.width(),
                        vary.activation().stream().map(Activation::named).toList(),
                        vary.attention().stream().map(Attention::named).toList(),
                        vary.layer().stream().map(LayerType::named).toList(),
                        vary.heads(),
                        true));
    }

    /** Sum of the fastest, and of the slowest variants of all blocks. */
    record LatencyRange(double least, double most) {}

    /** The profile as it lies in the store. @param latencies by scenario */
    record ProfileArtifact(SpaceProfile profile, Map<String, LatencyRange> latencies) {}
}
