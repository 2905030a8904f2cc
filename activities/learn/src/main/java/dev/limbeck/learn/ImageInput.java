package dev.limbeck.learn;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.ValueInfo;

/**
 * What a network is fed: square images.
 *
 * @param size height and width in pixels
 * @param normalization of pixels divided by 255
 */
public record ImageInput(int channels, int size, InputNormalization normalization) {

    /** Name of the input of every network built here. */
    public static final String INPUT = "input";

    /** Name of the output of every network built here. */
    public static final String OUTPUT = "logits";

    public ImageInput {
        if (channels < 1 || size < 1) {
            throw new IllegalArgumentException("channels " + channels + " and size " + size + " must be at least 1");
        }
    }

    /** With one mean and one standard deviation for all channels. */
    public ImageInput(int channels, int size, float mean, float std) {
        this(channels, size, new InputNormalization(new float[] {mean}, new float[] {std}));
    }

    /** As the images of a dataset are. */
    public static ImageInput of(ImageDataset dataset) {
        return new ImageInput(dataset.channels(), Math.max(dataset.height(), dataset.width()), dataset.normalization());
    }

    /** A graph with this input, an output of classes, both with a dynamic batch, and the normalisation in its metadata. */
    GraphEditor graph(String name, int classes) {
        return GraphEditor.create(name)
                .input(new ValueInfo(INPUT, ElementType.FLOAT, ValueInfo.DYNAMIC, channels, size, size))
                .output(new ValueInfo(OUTPUT, ElementType.FLOAT, ValueInfo.DYNAMIC, classes))
                .metadata(normalization.metadata());
    }
}
