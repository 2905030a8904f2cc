package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.TrainingOperators.Level;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingOperatorsTest {

    private static final float STEP = 0.05f; // of the grid of 8 bits
    private static final List<Level> LEVELS =
            List.of(new Level(2, 0, -1, 1), new Level(4, 0, -7, 7), new Level(8, 0, -127, 127));

    private static float[] gates(double... phi) {
        float[] values = floats(phi);
        GraphEditor g = GraphEditor.create("gates").input(Nets.input(1));
        g.initializer("phi", TensorValue.ofFloats(values, values.length));
        g.add(TrainingOperators.hardConcrete("phi", 1, "z"));
        return run(Nets.finish(g, g.add("Mul", "y", "z", "x")), Mode.TRAIN, 1f);
    }

    private static float[] run(Graph graph, Mode mode, float... x) {
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            return executor.forward(Tensor.of(x, x.length), mode)
                    .toFloatTensor()
                    .data();
        }
    }

    private static Graph nested(double... phi) {
        float[] values = floats(phi);
        GraphEditor g = GraphEditor.create("nested").input(Nets.input(41));
        g.initializer("phi", TensorValue.ofFloats(values, values.length));
        g.initializer("s", TensorValue.scalar(STEP));
        g.add(TrainingOperators.hardConcrete("phi", 1, "z"));
        return LearnedScales.mark(
                Nets.finish(
                        g, g.add(TrainingOperators.nestedQuantize("x", "s", "z", new long[] {0, 1}, -1, LEVELS, "y"))),
                List.of("s"));
    }

    private static float[] values() {
        return Nets.normal(new SplittableRandom(5), 41, 4);
    }

    private static float[] grid(double step, int last) {
        float[] y = values();
        for (int i = 0; i < y.length; i++) {
            y[i] = (float) (Math.clamp(Math.rint(y[i] / step), (double) -last, (double) last) * step);
        }
        return y;
    }

    private static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @Test
    void gatesAreOpenAsOftenAsTheirProbabilitySays() {
        int draws = 4000;
        for (double phi : new double[] {-2, -0.5, 1, 4}) {
            double[] same = new double[draws];
            Arrays.fill(same, phi);
            float[] z = gates(same);
            double open = 0;
            for (float gate : z) {
                assertThat(gate).isBetween(0f, 1f);
                open += gate > 0 ? 1 : 0;
            }
            double probability =
                    HardConcrete.openProbability(Tensor.scalar((float) phi)).item();
            // the share of many draws lies within four standard deviations
            double deviation = Math.sqrt(probability * (1 - probability) / draws);
            assertThat(open / draws).isCloseTo(probability, within(4 * deviation + 1e-3));
        }
    }

    @Test
    void withAllGatesOpenTheNestedSumIsThePlainGrid() {
        assertThat(run(nested(20, 20), Mode.EVAL, values())).containsExactly(grid(STEP, 127), within(1e-5f));
        assertThat(run(nested(20, -20), Mode.EVAL, values())).containsExactly(grid(17 * STEP, 7), within(1e-5f));
        // a gate counts only with those that it is nested in
        assertThat(run(nested(-20, 20), Mode.EVAL, values())).containsExactly(grid(85 * STEP, 1), within(1e-5f));
        assertThat(run(nested(20, 20), Mode.TRAIN, values())).containsExactly(grid(STEP, 127), within(1e-5f));
    }

    @Test
    void drawnGatesHaveTheGradientOfTheirMixture() {
        int moved = 0;
        for (int seed = 0; seed < 8; seed++) {
            double[] phi = {0.3, -0.2};
            float[] gradient = gradient(seed, phi);
            for (int i = 0; i < 2; i++) {
                double kept = phi[i];
                phi[i] = kept + 1e-2;
                double above = sum(seed, phi);
                phi[i] = kept - 1e-2;
                double numeric = (above - sum(seed, phi)) / 2e-2;
                phi[i] = kept;
                assertThat((double) gradient[i]).isCloseTo(numeric, within(0.02 + 0.02 * Math.abs(numeric)));
                moved += numeric != 0 ? 1 : 0;
            }
        }
        assertThat(moved).isGreaterThan(2);
    }

    private static double sum(int seed, double... phi) {
        try (GraphExecutor executor = GraphExecutor.compile(nested(phi));
                TensorScope scope = TensorScope.open()) {
            executor.reseed(seed);
            return executor.forward(Tensor.of(values(), 41), Mode.TRAIN)
                    .square()
                    .sum()
                    .item();
        }
    }

    private static float[] gradient(int seed, double... phi) {
        try (GraphExecutor executor = GraphExecutor.compile(nested(phi));
                TensorScope scope = TensorScope.open()) {
            executor.reseed(seed);
            executor.forward(Tensor.of(values(), 41), Mode.TRAIN).square().sum().backward();
            return executor.parameters().stream()
                    .filter(p -> p.name().equals("phi"))
                    .findFirst()
                    .flatMap(p -> p.tensor().gradient())
                    .map(FloatTensor::data)
                    .orElse(new float[2]);
        }
    }

    @Test
    void closedChannelsAreZero() {
        GraphEditor g = GraphEditor.create("channels").input(Nets.input(3, 2));
        g.initializer("phi", TensorValue.ofFloats(new float[] {9, 20, -20, 20}, 4));
        g.add(TrainingOperators.hardConcrete("phi", 1, "z"));
        Graph graph = Nets.finish(g, g.add(TrainingOperators.gateChannels("x", "z", 1, 0, "y")));
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            FloatTensor y = executor.forward(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2), Mode.EVAL)
                    .toFloatTensor();
            assertThat(y.data()).containsExactly(1, 2, 0, 0, 5, 6);
        }
    }

    @Test
    void relaxedValuesFallToTheirNeighboursAsTheLogisticNoiseSays() {
        int draws = 4000;
        float noise = 0.3f;
        float[] x = new float[draws];
        Arrays.fill(x, 0.2f + 3 * 0.5f);
        GraphEditor g = GraphEditor.create("relaxed").input(Nets.input(draws));
        g.initializer("s", TensorValue.scalar(0.5f));
        g.initializer("n", TensorValue.scalar(noise));
        g.initializer("z", TensorValue.ofIntegers(ElementType.UINT8, new int[] {2}));
        Graph graph = LearnedScales.mark(
                Nets.finish(g, g.add(TrainingOperators.relaxedQuantize("x", "s", "z", "n", -1, 0, 15, "y"))),
                List.of("s", "n"));

        float[] y = run(graph, Mode.TRAIN, x);
        int up = 0;
        for (float value : y) {
            assertThat(Math.abs(value - 1.75f)).isCloseTo(0.25f, within(1e-5f));
            up += value > 1.75f ? 1 : 0;
        }
        double probability = 1 / (1 + Math.exp(-(0.4 - 0.5) / noise));
        assertThat((double) up / draws).isCloseTo(probability, within(0.03));
        assertThat(run(graph, Mode.EVAL, x)).containsOnly(1.5f);
    }

    /** LSQ's gradients, by hand: x = 0.26 rounds up to 1 step of 0.25, 9 is beyond the last of 7. */
    @Test
    void aGridAndBackHasTheGradientsOfLsq() {
        GraphEditor g = GraphEditor.create("lsq").input(Nets.input(1, 2));
        g.initializer("w", TensorValue.ofFloats(new float[] {0.26f, 9}, 1, 2));
        g.initializer("s", TensorValue.scalar(0.25f));
        g.initializer("z", TensorValue.ofIntegers(ElementType.INT8, new int[] {0}));
        g.initializer("low", TensorValue.ofIntegers(ElementType.INT8, new int[] {-8}));
        g.initializer("high", TensorValue.ofIntegers(ElementType.INT8, new int[] {7}));
        String q = g.add("QuantizeLinear", "q", "w", "s", "z");
        String grid = g.add("DequantizeLinear", "d", g.add("Clip", "c", q, "low", "high"), "s", "z");
        Graph graph = LearnedScales.mark(Nets.finish(g, g.add("Mul", "y", "x", grid)), List.of("s"));
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            Tensor y = executor.forward(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2)), Mode.TRAIN)
                    .get("y");
            assertThat(y.toFloatTensor().data()).containsExactly(0.25f, 2 * 1.75f);
            y.sum().backward();
            Map<String, Parameter> parameters = new HashMap<>();
            executor.parameters().forEach(p -> parameters.put(p.name(), p));
            assertThat(parameters.get("w").tensor().gradient().orElseThrow().data())
                    .containsExactly(1, 0);
            // d/ds is round(w/s) - w/s = 1 - 1.04 for the first and 7 for the second; learned is the logarithm of s
            float expected = 0.25f * (1 * (1 - 1.04f) + 2 * 7);
            assertThat(parameters.get("s").tensor().gradient().orElseThrow().data()[0])
                    .isCloseTo(expected, within(1e-4f));
        }
    }

    @Test
    void eachChannelsStepHasItsOwnGradient() {
        GraphEditor g = GraphEditor.create("channels").input(Nets.input(2, 2));
        g.initializer("w", TensorValue.ofFloats(new float[] {0.26f, 9, -0.9f, 0.2f}, 2, 2));
        g.initializer("s", TensorValue.ofFloats(new float[] {0.25f, 0.1f}, 2));
        g.initializer("z", TensorValue.ofIntegers(ElementType.INT8, new int[] {0, 0}, 2));
        g.initializer("low", TensorValue.ofIntegers(ElementType.INT8, new int[] {-8}));
        g.initializer("high", TensorValue.ofIntegers(ElementType.INT8, new int[] {7}));
        g.add(Node.of("QuantizeLinear", "q", List.of("w", "s", "z"), List.of("q"))
                .withInteger("axis", 0));
        g.add("Clip", "c", "q", "low", "high");
        g.add(Node.of("DequantizeLinear", "d", List.of("c", "s", "z"), List.of("d"))
                .withInteger("axis", 0));
        Graph graph = LearnedScales.mark(Nets.finish(g, g.add("Mul", "y", "x", "d")), List.of("s"));
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            Tensor y = executor.forward(Map.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2)), Mode.TRAIN)
                    .get("y");
            assertThat(y.toFloatTensor().data()).containsExactly(0.25f, 2 * 1.75f, 3 * (-8 * 0.1f), 4 * 0.2f);
            y.sum().backward();
            Map<String, Parameter> parameters = new HashMap<>();
            executor.parameters().forEach(p -> parameters.put(p.name(), p));
            assertThat(parameters.get("w").tensor().gradient().orElseThrow().data())
                    .containsExactly(1, 0, 0, 4);
            float[] gradients =
                    parameters.get("s").tensor().gradient().orElseThrow().data();
            assertThat(gradients[0]).isCloseTo(0.25f * (1 * (1 - 1.04f) + 2 * 7), within(1e-4f));
            assertThat(gradients[1]).isCloseTo(0.1f * (3 * -8), within(1e-4f));
        }
    }

    /** A grid that ends after the Clip before it, and one that ends before. */
    @ParameterizedTest
    @CsvSource({"0.5, 0, 0.5, 6, 6, 1, 0.3", "0.25, 0, 0.25, 3.75, 3.75, 0, 7.45"})
    void aGridClipsWhatAClipBeforeItWould(
            float step, float y0, float y1, float y2, float y3, float slope2, float stepsGradient) {
        GraphEditor g = GraphEditor.create("clip").input(Nets.input(4));
        g.initializer("w", TensorValue.ofFloats(new float[] {1, 1, 1, 1}, 4));
        g.initializer("zero", TensorValue.scalar(0));
        g.initializer("six", TensorValue.scalar(6));
        g.initializer("s", TensorValue.scalar(step));
        g.initializer("z", TensorValue.ofIntegers(ElementType.UINT4, new int[] {0}));
        g.add("Mul", "m", "x", "w");
        String q = g.add("QuantizeLinear", "q", g.add("Clip", "c", "m", "zero", "six"), "s", "z");
        Graph graph = LearnedScales.mark(Nets.finish(g, g.add("DequantizeLinear", "d", q, "s", "z")), List.of("s"));
        Tensor x = Tensor.of(new float[] {-1, 0.3f, 5.9f, 8}, 4);
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            for (Mode mode : List.of(Mode.EVAL, Mode.TRAIN)) {
                assertThat(executor.forward(Map.of("x", x), mode)
                                .get("d")
                                .toFloatTensor()
                                .data())
                        .containsExactly(y0, y1, y2, y3);
            }
            executor.forward(Map.of("x", x), Mode.TRAIN).get("d").sum().backward();
            Map<String, float[]> gradients = new HashMap<>();
            executor.parameters()
                    .forEach(p -> gradients.put(
                            p.name(), p.tensor().gradient().orElseThrow().data()));
            assertThat(gradients.get("w")).containsExactly(-0f, 0.3f, slope2 * 5.9f, 0);
            assertThat(gradients.get("s")[0]).isCloseTo(stepsGradient, within(1e-4f));
        }
    }
}
