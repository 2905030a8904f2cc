package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the pixels of an image must look like: divided by 255, minus the mean, divided by the standard deviation, per channel.
 *
 * <p>It stands in the model's {@code metadata_props} as numbers with commas between; one number holds for all channels.
 */
public record InputNormalization(float[] mean, float[] std) {

    public static final String MEAN_KEY = "limbeck.input.mean";
    public static final String STD_KEY = "limbeck.input.std";

    public InputNormalization {
        if (mean.length == 0 || mean.length != std.length) {
            throw new BadInputException(
                    "a normalisation needs a mean and a standard deviation for each channel; there are " + mean.length
                            + " means and " + std.length + " standard deviations");
        }
        for (float value : std) {
            if (!(value > 0)) {
                throw new BadInputException("the standard deviation of pixels is " + value + "; it must be above 0");
            }
        }
        mean = mean.clone();
        std = std.clone();
    }

    /** Empty where the model does not say. */
    public static Optional<InputNormalization> of(Graph graph) {
        String mean = graph.metadata().get(MEAN_KEY);
        String std = graph.metadata().get(STD_KEY);
        if (mean == null || std == null) {
            return Optional.empty();
        }
        return Optional.of(new InputNormalization(numbers(MEAN_KEY, mean), numbers(STD_KEY, std)));
    }

    public Graph writeTo(Graph graph) {
        return graph.withMetadata(metadata());
    }

    /** As it stands in a model. */
    public Map<String, String> metadata() {
        return Map.of(MEAN_KEY, text(mean), STD_KEY, text(std));
    }

    @Override
    public float[] mean() {
        return mean.clone();
    }

    @Override
    public float[] std() {
        return std.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof InputNormalization that
                && Arrays.equals(mean, that.mean)
                && Arrays.equals(std, that.std);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
    }

    @Override
    public String toString() {
        return "mean " + text(mean) + ", standard deviation " + text(std);
    }

    private static String text(float[] values) {
        Float[] boxed = new Float[values.length];
        Arrays.setAll(boxed, i -> values[i]);
        return Arrays.stream(boxed).map(String::valueOf).collect(Collectors.joining(","));
    }

    private static float[] numbers(String key, String text) {
        String[] parts = text.split(",");
        float[] values = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                values[i] = Float.parseFloat(parts[i].strip());
            } catch (NumberFormatException e) {
                throw new BadInputException(
                        "the model's metadata '" + key + "' is '" + text
                                + "', which is not numbers with commas between",
                        e);
            }
        }
        return values;
    }
}
