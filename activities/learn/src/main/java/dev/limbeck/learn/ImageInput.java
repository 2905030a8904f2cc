package dev.limbeck.learn;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.ValueInfo;
import java.util.Map;

/**
 * What a network is fed: square images.
 *
 * @param size height and width in pixels
 * @param mean what is taken from a pixel divided by 255
 * @param std by what the difference is then divided
 */
public record ImageInput(int channels, int size, float mean, float std) {

    /** Name of the input of every network built here. */
    public static final String INPUT = "input";

    /** Name of the output of every network built here. */
    public static final String OUTPUT = "logits";

    public ImageInput {
        if (channels < 1 || size < 1) {
            throw new IllegalArgumentException("channels " + channels + " and size " + size + " must be at least 1");
        }
    }

    /** As the images of a dataset are. */
    public static ImageInput of(ImageDataset dataset) {
        return new ImageInput(
                dataset.channels(), Math.max(dataset.height(), dataset.width()), dataset.mean(), dataset.std());
    }

    /** A graph with this input, an output of classes, both with a dynamic batch, and the normalisation in its metadata. */
    GraphEditor graph(String name, int classes) {
        return GraphEditor.create(name)
                .input(new ValueInfo(INPUT, ElementType.FLOAT, ValueInfo.DYNAMIC, channels, size, size))
                .output(new ValueInfo(OUTPUT, ElementType.FLOAT, ValueInfo.DYNAMIC, classes))
                .metadata(Map.of(
                        InputNormalization.MEAN_KEY, Float.toString(mean),
                        InputNormalization.STD_KEY, Float.toString(std)));
    }
}
