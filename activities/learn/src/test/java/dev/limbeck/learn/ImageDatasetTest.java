package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.schemas.BadInputException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageDatasetTest {

    private final ImageDataset dataset =
            new ImageDataset(new byte[] {0, 51, 102, (byte) 255, 1, 2, 3, 4}, new int[] {1, 0}, 1, 2, 2, 2, 0.2f, 0.4f);

    @Test
    void normalisesUnsignedPixels() {
        assertThat(dataset.batch(0, 1).data()).containsExactly(new float[] {-0.5f, 0, 0.5f, 2}, within(1e-6f));
    }

    @Test
    void takesImagesWithTheirLabels() {
        ImageDataset second = dataset.subset(1);
        assertThat(second.pixels()).containsExactly(1, 2, 3, 4);
        assertThat(second.labels()).containsExactly(0);
        assertThat(dataset.take(5)).isEqualTo(dataset);
        assertThat(second).isNotEqualTo(dataset.subset(0));
    }

    @Test
    void padsWithZeroPixelsAroundTheImage() {
        assertThat(dataset.padded(3, 4).subset(0).pixels())
                .containsExactly(0, 0, 51, 0, 0, 102, (byte) 255, 0, 0, 0, 0, 0);
    }

    @Test
    void fitsTheSizeAndTheNormalisationThatANetworkWants() {
        Graph network = Networks.byName("resnet20", new ImageInput(1, 4, 0.5f, 0.25f), 2, 1);
        ImageDataset fitting = dataset.fitting(network);
        assertThat(fitting.batch(0, 1).shape()).containsExactly(1, 1, 4, 4);
        assertThat(fitting.normalization()).isEqualTo(new InputNormalization(new float[] {0.5f}, new float[] {0.25f}));
    }

    @Test
    void refusesANetworkForOtherImages() {
        Graph coloured = Networks.byName("resnet20", new ImageInput(3, 4, 0, 1), 2, 1);
        Graph manyClasses = Networks.byName("resnet20", new ImageInput(1, 2, 0, 1), 7, 1);
        Graph wrongMean = Networks.byName("resnet20", new ImageInput(1, 2, 0, 1), 2, 1)
                .withMetadata(Map.of("limbeck.input.mean", "x"));
        assertThatThrownBy(() -> dataset.fitting(coloured))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("input: FLOAT[-1, 3, 4, 4]");
        assertThatThrownBy(() -> dataset.fitting(manyClasses))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("7 classes apart; the data have 2");
        assertThatThrownBy(() -> dataset.fitting(wrongMean))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("metadata 'limbeck.input.mean' is 'x'");
    }
}
