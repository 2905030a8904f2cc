package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Items;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Made-up data for a network, the same every time: pixels of equal chance where the network says how they are normalised, else normally
 * distributed numbers; 0 and 1 for integers. Sizes that are open become {@value #IMAGE_SIZE} in images, {@value #LENGTH} elsewhere.
 */
public final class RandomItems {

    private static final long SEED = 1;
    private static final int IMAGE_SIZE = 64;
    private static final int LENGTH = 16;
    private static final int IMAGE_RANK = 4;

    private RandomItems() {}

    /** @param count of items; a network of a fixed batch gets a whole number of batches */
    public static Items forNetwork(Graph network, int count) {
        long fixed = network.inputs().stream()
                .map(ValueInfo::shape)
                .mapToLong(shape -> shape == null || shape.length == 0 ? 1 : Math.max(1, shape[0]))
                .max()
                .orElse(1);
        int items = Math.toIntExact(Math.ceilDiv(count, fixed) * fixed);
        Random random = new Random(SEED);
        Optional<InputNormalization> normalization = InputNormalization.of(network);
        Map<String, FloatTensor> inputs = new LinkedHashMap<>();
        for (ValueInfo input : network.inputs()) {
            long[] shape = shape(input, items);
            float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
            boolean pixels = shape.length == IMAGE_RANK && normalization.isPresent();
            for (int i = 0; i < data.length; i++) {
                if (input.type() != ElementType.FLOAT) {
                    data[i] = random.nextInt(2);
                } else if (pixels) {
                    int channel = (int) (i / (shape[2] * shape[3]) % shape[1]);
                    data[i] = pixel(random.nextFloat(), normalization.get(), channel);
                } else {
                    data[i] = (float) random.nextGaussian();
                }
            }
            inputs.put(input.name(), new FloatTensor(data, shape));
        }
        return new Items(inputs);
    }

    private static float pixel(float value, InputNormalization normalization, int channel) {
        float[] mean = normalization.mean();
        float[] std = normalization.std();
        return (value - mean[channel % mean.length]) / std[channel % std.length];
    }

    private static long[] shape(ValueInfo input, int items) {
        long[] shape = input.shape() == null || input.shape().length == 0 ? new long[] {items} : input.shape();
        for (int axis = 1; axis < shape.length; axis++) {
            if (shape[axis] <= 0) {
                shape[axis] = shape.length == IMAGE_RANK ? IMAGE_SIZE : LENGTH;
            }
        }
        shape[0] = items;
        return shape;
    }
}
