package dev.limbeck.report;

import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.Results.Latency;
import dev.limbeck.schemas.Results.Network;
import dev.limbeck.schemas.Results.Range;
import dev.limbeck.schemas.RuntimeSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Made-up results that look like those of a small run. */
final class SampleResults {

    private static final int BLOCKS = 5;

    private final Random random = new Random(7);
    private final List<String> labels = new ArrayList<>();

    private SampleResults() {
        for (int kernel : new int[] {3, 5}) {
            for (int expansion : new int[] {2, 4}) {
                for (int depth : new int[] {1, 2}) {
                    for (String attention : new String[] {"", "-se"}) {
                        labels.add("depthwise-k%d-e%d-d%d-w1-relu%s".formatted(kernel, expansion, depth, attention));
                    }
                }
            }
        }
        labels.add("reference");
    }

    static Results make() {
        return new SampleResults().results("quick");
    }

    static Results named(String name) {
        return new SampleResults().results(name);
    }

    /** What one of the networks says. */
    static final String MISSED =
            "the ratio 0.1 cannot be met; this is the smallest network that spatial-svd makes of it";

    private static final Results.Tuning TUNED = new Results.Tuning(
            true,
            new RuntimeSettings(1, 1, "EXTENDED", "CPU", true, true, Map.of()),
            "1 thread, optimization extended",
            1.08,
            1.08,
            1.0);

    /** One scenario in which nothing was searched, predicted or timed. */
    static Results bare() {
        Results full = make();
        Results.Scenario s = full.scenarios().getFirst();
        Results.Scenario scenario = new Results.Scenario(
                s.name(),
                s.device(),
                List.of(),
                s.precision(),
                1,
                1,
                s.imageSize(),
                s.reference(),
                List.of(),
                s.front(),
                s.front(),
                null,
                null,
                null);
        return new Results(
                full.name(),
                full.limbeckVersion(),
                full.limbeckCommit(),
                full.createdAt(),
                full.runId(),
                full.spec(),
                1,
                full.reference(),
                full.space(),
                null,
                new Results.Ledger(List.of(), List.of(), List.of()),
                List.of(),
                List.of(scenario),
                List.of(),
                List.of());
    }

    private Results results(String name) {
        return new Results(
                name,
                "0.1.0",
                "0123456789ab",
                "2026-05-04T09:30:00Z",
                "01JTDN8Q3Y5V",
                "sha256:3f1c8a77e2b90d5561f0",
                1,
                new Results.Reference("models/reference-fp32.onnx", 0.9367, 0.9402, 24_600_000, 612_000),
                new Results.Space(
                        BLOCKS,
                        BLOCKS * labels.size(),
                        "1419857",
                        new Results.Span(3_100_000, 29_000_000),
                        new Results.Span(80_000, 900_000),
                        "5 blocks of 17 variants"),
                predictor(),
                ledger(),
                blocks(),
                List.of(scenario("laptop-float", "fp32", 1.92, 0.9367), scenario("laptop-int8", "int8", 0.94, 0.9341)),
                timeline(),
                List.of(new Results.Machine(
                        "laptop",
                        "Intel(R) Xeon(R) Processor @ 2.60GHz",
                        List.of("avx2", "avx512_vnni", "fma"),
                        2,
                        null,
                        2593.9,
                        null,
                        1.37,
                        7961L,
                        "Linux 6.8.0",
                        "Java 25, Temurin",
                        "ONNX Runtime 1.29.0")));
    }

    private Results.Predictor predictor() {
        List<Results.HeldOutPrediction> points = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            double actual = 0.88 + 0.045 * random.nextDouble();
            points.add(new Results.HeldOutPrediction(
                    architecture().values().toString(), actual + 0.004 * random.nextGaussian(), actual));
        }
        return new Results.Predictor(
                0.81,
                new Range(0.62, 0.93),
                0.0041,
                new Range(0.0029, 0.0056),
                16,
                0.9,
                List.of(
                        new Results.Baseline("NSR sum", 0.72, new Range(0.5, 0.87)),
                        new Results.Baseline("MACs", 0.48, new Range(0.2, 0.7)),
                        new Results.Baseline("parameters", 0.41, new Range(0.1, 0.66))),
                points);
    }

    private static Results.Ledger ledger() {
        return new Results.Ledger(
                List.of(
                        new Results.Entry("block library", 80, 1, 80, 2.1),
                        new Results.Entry("networks for the predictor", 16, 1, 16, 2.4)),
                List.of(new Results.Entry("finetuned front", 5, 2, 10, 6.3)),
                List.of(
                        new Results.Row(
                                "this run, paper's unit", new Range(106, 106), new Range(34, 34), new Range(10, 10)),
                        new Results.Row(
                                "this run, real compute",
                                new Range(10.8, 10.8),
                                new Range(7.4, 7.4),
                                new Range(6.3, 6.3)),
                        new Results.Row("OFA", new Range(1450, 1950), new Range(550, 1050), new Range(250, 750)),
                        new Results.Row("DNA", new Range(5270, 5270), new Range(4692.5, 4692.5), new Range(4500, 4500)),
                        new Results.Row(
                                "MNasNet", new Range(44500, 44500), new Range(44500, 44500), new Range(44500, 44500)),
                        new Results.Row("DONNA", new Range(4500, 4500), new Range(1500, 1500), new Range(500, 500))));
    }

    private List<Results.BlockQuality> blocks() {
        List<Results.BlockQuality> blocks = new ArrayList<>();
        for (int b = 0; b < BLOCKS; b++) {
            List<Results.Variant> variants = new ArrayList<>();
            for (int i = 0; i < labels.size(); i++) {
                boolean reference = i == labels.size() - 1;
                double noise = reference ? 0 : 0.03 * Math.exp(1.8 - 0.1 * i + 0.35 * b + 0.25 * random.nextGaussian());
                variants.add(new Results.Variant(labels.get(i), noise, 300_000L + 90_000 * i, 9_000L + 2_100 * i));
            }
            blocks.add(new Results.BlockQuality("block" + (b + 1), variants));
        }
        return blocks;
    }

    private Results.Scenario scenario(String name, String precision, double referenceMillis, double referenceAccuracy) {
        List<Results.Searched> searched = new ArrayList<>();
        for (int i = 0; i < 216; i++) {
            double size = Math.pow(random.nextDouble(), 1 + i / 100.0);
            double millis = referenceMillis * (0.3 + 0.85 * size + 0.12 * random.nextDouble());
            double accuracy = 0.937
                    - 0.06 * Math.pow(1 - size, 2) * (0.6 + random.nextDouble())
                    - 0.02 * random.nextDouble() * (220 - i) / 220;
            searched.add(new Results.Searched(List.of(0, 1, 2, 3, 4), accuracy, millis, i / 24));
        }
        List<Network> networks = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            double millis = referenceMillis * (0.36 + 0.1 * i + (i == 3 ? 0.12 : 0));
            double validation = referenceAccuracy + 0.0035 - 0.026 * Math.pow(1 - i / 6.0, 2) - (i == 3 ? 0.004 : 0);
            networks.add(network(precision, i, millis, validation));
        }
        List<Network> front = networks.stream()
                .filter(n -> networks.stream()
                        .noneMatch(o -> o.validationAccuracy() >= n.validationAccuracy()
                                && o.latency().p50Millis() < n.latency().p50Millis()))
                .sorted(Comparator.comparingDouble(n -> n.latency().p50Millis()))
                .toList();
        return new Results.Scenario(
                name,
                "local",
                List.of("laptop"),
                precision,
                1,
                1,
                null,
                new Results.ReferenceHere(
                        "models/reference-" + precision + ".onnx",
                        referenceAccuracy,
                        referenceAccuracy + 0.0035,
                        latency(referenceMillis, true),
                        precision.equals("fp32") ? 0 : 0.97,
                        1_610_000L,
                        List.of()),
                searched,
                networks,
                front,
                new Results.SearchQuality(0.712, precision.equals("fp32") ? 0.731 : null, 216, 204),
                new Results.Goals(
                        precision.equals("fp32"),
                        0.005,
                        1.2,
                        "at least 1.2 times as fast with at most 0.5 points lost: met by "
                                + (precision.equals("fp32") ? 3 : 0),
                        networks.getLast().model(),
                        List.of(
                                new Results.Goal("accuracyDrop", 0.005, 0.0042, true),
                                new Results.Goal("speedup", 1.2, 1.31, precision.equals("fp32")))),
                precision.equals("fp32") ? TUNED : null);
    }

    private Network network(String precision, int i, double millis, double validation) {
        return new Network(
                "models/%s-%d.onnx".formatted(precision, i),
                precision,
                architecture(),
                validation - 0.002 + 0.003 * random.nextGaussian(),
                validation,
                validation - 0.003 + 0.001 * random.nextGaussian(),
                latency(millis, i != 5),
                6_200_000L + 2_400_000L * i,
                150_000L + 60_000L * i,
                precision.equals("int8") ? 0.98 : 0.0,
                "laptop",
                "2 epochs of soft distillation from the reference",
                620_000L + 240_000L * i,
                i == 2 ? "spatial-svd" : null,
                i == 2 ? List.of(MISSED) : List.of());
    }

    private static Latency latency(double millis, boolean valid) {
        return new Latency(millis, 1.04 * millis, 1.31 * millis, valid);
    }

    private Map<String, String> architecture() {
        Map<String, String> architecture = new LinkedHashMap<>();
        for (int b = 0; b < BLOCKS; b++) {
            architecture.put("block" + (b + 1), labels.get(random.nextInt(labels.size())));
        }
        return architecture;
    }

    private List<Results.Stage> timeline() {
        List<Results.Stage> timeline = new ArrayList<>();
        timeline.add(new Results.Stage("plan", "space", "gpu-1", 0, 2_100));
        timeline.add(new Results.Stage("teacher", "activations", "gpu-1", 2_100, 9_400));
        long[] free = {9_400, 9_400};
        for (int i = 0; i < 40; i++) {
            int slot = free[0] <= free[1] ? 0 : 1;
            long millis = 2_200 + random.nextInt(2_000);
            timeline.add(new Results.Stage(
                    "block library", "block" + (1 + i / 8), "gpu-" + (slot + 1), free[slot], free[slot] + millis));
            free[slot] += millis;
        }
        long now = Math.max(free[0], free[1]);
        for (int i = 0; i < 16; i++) {
            timeline.add(new Results.Stage(
                    "predictor",
                    "network " + i,
                    "gpu-" + (1 + i % 2),
                    now + i / 2 * 6_000L,
                    now + (i / 2 + 1) * 6_000L));
        }
        now += 48_000;
        for (int i = 0; i < 18; i++) {
            timeline.add(new Results.Stage("search", "generation " + i / 2, "device-1", now, now + 4_800));
            now += 4_900;
        }
        for (int i = 0; i < 10; i++) {
            timeline.add(new Results.Stage(
                    "finetune",
                    "network " + i,
                    "gpu-" + (1 + i % 2),
                    now + i / 2 * 14_000L,
                    now + (i / 2 + 1) * 14_000L));
        }
        now += 70_000;
        timeline.add(new Results.Stage("quantize", "front", "gpu-1", now, now + 21_000));
        timeline.add(new Results.Stage("measure", "front", "device-1", now + 21_000, now + 62_000));
        timeline.add(new Results.Stage("report", "results", null, now + 62_000, now + 62_800));
        return timeline;
    }
}
