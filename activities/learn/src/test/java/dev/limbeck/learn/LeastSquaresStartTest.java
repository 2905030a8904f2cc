package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeastSquaresStartTest {

    private static final SessionOptions SESSION = SessionOptions.defaults();

    @Test
    void theFitFindsALinearMapThroughNoise() {
        FloatTensor features = noise(1, 50, 3, 4, 4);
        float[] target = new float[50 * 2 * 16];
        for (int item = 0; item < 50; item++) {
            for (int p = 0; p < 16; p++) {
                float a = features.data()[item * 48 + p];
                float b = features.data()[item * 48 + 16 + p];
                target[item * 32 + p] = 2 * a - b + 5;
                target[item * 32 + 16 + p] = 0.5f * b;
            }
        }
        LinearFit fit = LinearFit.of(features, new FloatTensor(target, 50, 2, 4, 4), 10_000);
        assertThat(fit.weights()[0]).containsExactly(new double[] {2, -1, 0}, within(0.01));
        assertThat(fit.weights()[1]).containsExactly(new double[] {0, 0.5, 0}, within(0.01));
        assertThat(fit.means()[0]).isCloseTo(5, within(0.2));
        assertThat(fit.deviations()[0]).isCloseTo(Math.sqrt(5), within(0.2));
    }

    @Test
    void aBlockOfTheTeachersShapeButWithoutItsLastWeightsStartsAtTheTeacher() {
        FloatTensor inputs = noise(2, 64, 4, 8, 8);
        Graph teacher = block(1, 1, Activation.NONE);
        FloatTensor outputs = Inference.run(BatchNormReestimation.reestimate(teacher, inputs, 64), inputs, 64, SESSION);
        GraphEditor editor = teacher.edit();
        editor.initializer("layer0.project.weight", new Layers(editor, 9).gaussian(1, 6, 12, 1, 1));
        Graph start = LeastSquaresStart.of(editor.build(), inputs, outputs);
        assertThat(distance(start, inputs, outputs)).isLessThan(1e-4);
    }

    @Test
    void everyResidualLayerAddsToWhatTheOnesBeforeItCould() {
        FloatTensor inputs = noise(2, 64, 4, 8, 8);
        FloatTensor outputs = Inference.run(block(1, 3, Activation.NONE), inputs, 64, SESSION);
        double one = distance(LeastSquaresStart.of(block(2, 1, Activation.NONE), inputs, outputs), inputs, outputs);
        double three = distance(LeastSquaresStart.of(block(2, 3, Activation.NONE), inputs, outputs), inputs, outputs);
        assertThat(one).isLessThan(0.95);
        assertThat(three).isLessThan(one);
    }

    @Test
    void aReluAtTheEndOfTheBlockIsLookedThrough() {
        FloatTensor inputs = noise(2, 64, 4, 8, 8);
        FloatTensor outputs = Inference.run(block(1, 1, Activation.RELU), inputs, 64, SESSION);
        Graph block = block(2, 1, Activation.RELU);
        assertThat(distance(LeastSquaresStart.of(block, inputs, outputs), inputs, outputs))
                .isLessThan(0.95)
                .isLessThan(distance(block, inputs, outputs));
    }

    @Test
    void aBlockOfAnotherMakeKeepsItsWeights() {
        FloatTensor inputs = noise(2, 64, 4, 8, 8);
        Graph block = block(2, 1, Activation.HARDSWISH);
        Graph start = LeastSquaresStart.of(block, inputs, noise(3, 64, 6, 4, 4));
        assertThat(start.initializers().get("layer0.project.weight").floats())
                .isEqualTo(block.initializers().get("layer0.project.weight").floats());
    }

    private static double distance(Graph block, FloatTensor inputs, FloatTensor outputs) {
        return BlockDistillation.measure(block, inputs, outputs, NoiseToSignal.inverseVariance(outputs), SESSION);
    }

    private static Graph block(long seed, int depth, Activation after) {
        GraphEditor editor =
                GraphEditor.create("block").input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 4, 8, 8));
        Layers layers = new Layers(editor, seed);
        String y = "x";
        for (int i = 0; i < depth; i++) {
            int in = i == 0 ? 4 : 6;
            BlockShape shape = new BlockShape(in, 6, i == 0 ? 2 : 1, 3, 12, Activation.RELU);
            y = layers.invertedResidual(y, "layer" + i, shape.withOutputActivation(after));
        }
        return editor.output(new ValueInfo(y, ElementType.FLOAT, ValueInfo.DYNAMIC, 6, 4, 4))
                .build();
    }

    private static FloatTensor noise(long seed, int... shape) {
        Random random = new Random(seed);
        float[] data = new float[java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return new FloatTensor(
                data, java.util.Arrays.stream(shape).asLongStream().toArray());
    }
}
