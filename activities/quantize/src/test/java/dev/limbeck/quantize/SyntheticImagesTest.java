package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyntheticImagesTest {

    private static FloatTensor images(int channels, int size, float[] mean, float[] std, long seed) {
        GraphEditor editor = GraphEditor.create("identity")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, channels, size, size))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, channels, size, size));
        editor.add(Node.of("Identity", "y", List.of("x"), List.of("y")));
        Graph graph = new InputNormalization(mean, std).writeTo(editor.build());
        return SyntheticImages.forNetwork(graph, seed);
    }

    @Test
    void pixelsFillTheirRangeInEveryChannelAndNeighboursAreAlike() {
        FloatTensor images = images(3, 28, new float[] {0.5f, 0.4f, 0}, new float[] {0.5f, 0.2f, 1}, 1);
        assertThat(images.shape()).containsExactly(512, 3, 28, 28);
        double[][] ends = {{-1, 1}, {-2, 3}, {0, 1}};
        double difference = 0;
        for (int c = 0; c < 3; c++) {
            double min = 9;
            double max = -9;
            for (int image = 0; image < 512; image++) {
                for (int i = 0; i < 784; i++) {
                    float value = images.data()[(image * 3 + c) * 784 + i];
                    min = Math.min(min, value);
                    max = Math.max(max, value);
                    if (c == 2 && i % 28 > 0) {
                        difference += Math.abs(value - images.data()[(image * 3 + c) * 784 + i - 1]) / (512 * 756.0);
                    }
                }
            }
            assertThat(min).isBetween(ends[c][0] - 1e-3, ends[c][0] + 0.01);
            assertThat(max).isBetween(ends[c][1] - 0.01, ends[c][1] + 1e-3);
        }
        assertThat(difference).isBetween(0.01, 0.2); // white noise: 1/3
    }

    @Test
    void theSeedAloneDecides() {
        float[] one = {1};
        assertThat(images(1, 12, one, one, 5).data())
                .isEqualTo(images(1, 12, one, one, 5).data());
        assertThat(images(1, 12, one, one, 5).data())
                .isNotEqualTo(images(1, 12, one, one, 6).data());
    }

    @Test
    void largeImagesAreFewer() {
        float[] one = {1};
        assertThat(images(3, 320, one, one, 1).batch()).isEqualTo(54);
    }
}
