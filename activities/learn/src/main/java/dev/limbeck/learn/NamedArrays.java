package dev.limbeck.learn;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Data for networks of several inputs, or of integers such as tokens: an .npz file with an array of each input's name. */
public final class NamedArrays {

    private NamedArrays() {}

    /** Whether a network takes something else than images or one array of floats. */
    public static boolean areFor(Graph network) {
        return network.inputs().size() != 1 || network.inputs().getFirst().type() != ElementType.FLOAT;
    }

    /**
     * @param path of an .npz file
     * @throws BadInputException if it is none, lacks an input, or an array is not of an input's shape or type; its message says what the
     *     network wants
     */
    public static Items read(String path, Graph network) {
        Path file = Path.of(path);
        if (!path.endsWith(".npz") || !Files.isRegularFile(file)) {
            throw new BadInputException(
                    "network '%s' wants %s; give --data an .npz file with an array of each name, not %s"
                            .formatted(network.name(), network.inputs(), path));
        }
        Map<String, NumpyArray> arrays = NumpyArray.readAll(file);
        Map<String, FloatTensor> inputs = new LinkedHashMap<>();
        for (ValueInfo input : network.inputs()) {
            NumpyArray array = arrays.get(input.name());
            if (array == null) {
                throw new BadInputException("%s: has the arrays %s, but none for %s of network '%s'"
                        .formatted(path, arrays.keySet(), input, network.name()));
            }
            if (!fits(input, array)) {
                throw new BadInputException(
                        "%s; network '%s' wants %s".formatted(array.describe(), network.name(), input));
            }
            long[] shape = Arrays.stream(array.shape()).asLongStream().toArray();
            inputs.put(input.name(), new FloatTensor(array.floats(), shape));
        }
        return new Items(inputs);
    }

    /** SHA-256 in hexadecimal. */
    public static String digest(Items items) {
        StringBuilder parts = new StringBuilder();
        items.inputs().forEach((name, value) -> parts.append(name).append(Digests.of(value)));
        return Digests.ofText(parts.toString());
    }

    private static boolean fits(ValueInfo input, NumpyArray array) {
        if ((input.type() == ElementType.FLOAT) != array.isFloat() || array.shape().length == 0) {
            return false;
        }
        long[] wanted = input.shape();
        return wanted == null
                || (wanted.length == array.shape().length
                        && IntStream.range(1, wanted.length)
                                .allMatch(i -> wanted[i] == ValueInfo.DYNAMIC || wanted[i] == array.shape()[i]));
    }
}
