package dev.limbeck.runtime;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Data for a network: for each of its inputs, by name, a tensor whose first dimension counts the items. Inputs of integers, such as
 * tokens, are given as floats.
 */
public record Items(Map<String, FloatTensor> inputs) {

    /** @throws BadInputException if there is none, or the inputs are of different numbers of items */
    public Items {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        if (inputs.isEmpty()) {
            throw new BadInputException("no data is given; give a tensor for each input of the network");
        }
        int count = inputs.values().iterator().next().batch();
        inputs.forEach((name, value) -> {
            if (value.batch() != count) {
                throw new BadInputException("input '" + name + "' has " + value.batch() + " items and another " + count
                        + "; give as many for each");
            }
        });
    }

    /**
     * Data for the only input of a network.
     *
     * @throws BadInputException if the network has several inputs
     */
    public static Items of(Graph network, FloatTensor items) {
        if (network.inputs().size() != 1) {
            throw new BadInputException("network '" + network.name() + "' has the inputs "
                    + network.inputs().stream().map(ValueInfo::name).toList() + "; give data for each, by name");
        }
        if (items.shape().length == 0) {
            throw new BadInputException("the data for network '" + network.name() + "' is one number; give items");
        }
        return new Items(Map.of(network.inputs().getFirst().name(), items));
    }

    public int count() {
        return inputs.values().iterator().next().batch();
    }

    /** Elements of one item, over all inputs. */
    public int itemSize() {
        return inputs.values().stream().mapToInt(FloatTensor::itemSize).sum();
    }

    /** Shapes of the inputs for a single item. */
    public Map<String, long[]> itemShapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        inputs.forEach((name, value) -> {
            long[] shape = value.shape().clone();
            shape[0] = 1;
            shapes.put(name, shape);
        });
        return shapes;
    }

    /** Items {@code from} (inclusive) to {@code to} (exclusive), copied. */
    public Items slice(int from, int to) {
        Map<String, FloatTensor> sliced = new LinkedHashMap<>();
        inputs.forEach((name, value) -> sliced.put(name, value.slice(from, to)));
        return new Items(sliced);
    }
}
