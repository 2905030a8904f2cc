package dev.limbeck.measure;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Normally distributed inputs, the same ones every time. */
final class RandomInputs {

    private static final long SEED = 1;

    private RandomInputs() {}

    static Map<String, FloatTensor> of(Graph graph, long batch) {
        Random random = new Random(SEED);
        Map<String, FloatTensor> inputs = new LinkedHashMap<>();
        shapes(graph, batch).forEach((input, shape) -> {
            float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
            for (int i = 0; i < data.length; i++) {
                data[i] = (float) random.nextGaussian();
            }
            inputs.put(input.name(), new FloatTensor(data, shape));
        });
        return inputs;
    }

    /** What the inputs are like for a batch. @throws BadInputException if they are not of floats, or more than the batch is open */
    static Map<ValueInfo, long[]> shapes(Graph graph, long batch) {
        if (batch < 1) {
            throw new BadInputException("batch is " + batch + "; give 1 or more");
        }
        Map<ValueInfo, long[]> shapes = new LinkedHashMap<>();
        graph.inputs().forEach(input -> shapes.put(input, shape(graph, input, batch)));
        return shapes;
    }

    private static long[] shape(Graph graph, ValueInfo input, long batch) {
        if (input.type() != ElementType.FLOAT) {
            throw new BadInputException("network '" + graph.name() + "': input '" + input.name() + "' is of type "
                    + input.type() + "; only networks with float inputs can be measured");
        }
        long[] shape = input.shape();
        if (shape.length == 0) {
            return shape;
        }
        if (shape[0] != ValueInfo.DYNAMIC && shape[0] != batch) {
            throw new BadInputException(
                    "network '" + graph.name() + "': input '" + input.name() + "' has a fixed batch of "
                            + shape[0] + ", so it cannot be measured with a batch of " + batch
                            + "; export it with a dynamic batch");
        }
        shape[0] = batch;
        if (Arrays.stream(shape).anyMatch(d -> d == ValueInfo.DYNAMIC)) {
            throw new BadInputException(
                    "network '" + graph.name() + "': input '" + input.name() + "' has the shape "
                            + Arrays.toString(input.shape())
                            + ", of which more than the batch is open; say the image size (imageSize in a scenario, --image-size of 'limbeck measure')");
        }
        return shape;
    }
}
