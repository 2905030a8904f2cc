package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.schemas.Progress;
import org.junit.jupiter.api.Test;

class BatchNormReestimationTest {

    @Test
    void restoresANetworkWhoseStatisticsAreWrong() {
        Graph trained = Training.train(
                        Trials.network(1),
                        Trials.train(4_000),
                        Trials.none(),
                        Trials.options(),
                        Progress.NONE,
                        Checkpoints.none())
                .graph();
        GraphEditor editor = trained.edit();
        for (Node node : trained.nodes()) {
            if (node.op().equals("BatchNormalization")) {
                long channels = trained.initializers().get(node.input(3)).size();
                editor.initializer(node.input(3), Layers.filled(2, channels));
                editor.initializer(node.input(4), Layers.filled(9, channels));
            }
        }
        Graph wrong = editor.build();
        Graph restored = BatchNormReestimation.reestimate(wrong, Trials.train(2_000), 2_000);

        double before = Evaluation.accuracy(trained, Trials.validation(), 1);
        assertThat(Evaluation.accuracy(wrong, Trials.validation(), 1)).isLessThan(0.4);
        assertThat(Evaluation.accuracy(restored, Trials.validation(), 1)).isCloseTo(before, within(0.03));
        assertThat(restored.nodes()).isEqualTo(trained.nodes());
    }

    @Test
    void theStatisticsAreThoseOfTheData() {
        ImageDataset images = Trials.train(256);
        GraphEditor editor = new ImageInput(1, 28, images.normalization()).graph("one", 10);
        Layers layers = new Layers(editor, 1);
        layers.classifier(layers.batchNorm("input", "bn", 1), "classifier", "logits", 1, 10);
        Graph graph = BatchNormReestimation.reestimate(editor.build(), images, 256);
        double mean = 0;
        float[] pixels = images.images().data();
        for (float value : pixels) {
            mean += value / pixels.length;
        }
        TensorValue found = graph.initializers().get("bn.mean");
        assertThat((double) found.floats()[0]).isCloseTo(mean, within(1e-4));
        assertThat((double) graph.initializers().get("bn.variance").floats()[0]).isCloseTo(1, within(0.05));
    }
}
