package dev.limbeck.learn;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Items of an array of floats, ready for a network but for the order of their dimensions.
 *
 * @param data [size, ...]
 * @param labels [size], or empty
 * @param origin what messages call the array
 */
record FloatSamples(FloatTensor data, int[] labels, String origin) implements Samples {

    @Override
    public int size() {
        return data.batch();
    }

    @Override
    public FloatTensor batch(int from, int to) {
        return data.slice(from, to);
    }

    @Override
    public FloatSamples subset(int... positions) {
        int item = data.itemSize();
        float[] chosen = new float[positions.length * item];
        for (int i = 0; i < positions.length; i++) {
            System.arraycopy(data.data(), positions[i] * item, chosen, i * item, item);
        }
        long[] shape = data.shape().clone();
        shape[0] = positions.length;
        return new FloatSamples(new FloatTensor(chosen, shape), Samples.labels(labels, positions), origin);
    }

    /** Channels go from the end to the front, or are added where there is only one, if that is what the network wants. */
    @Override
    public FloatSamples fitting(Graph network) {
        ValueInfo input = network.inputs().getFirst();
        long[] shape = data.shape();
        if (network.inputs().size() == 1 && input.type() == ElementType.FLOAT && input.shape() != null) {
            if (fits(input.shape(), shape)) {
                return this;
            }
            if (shape.length == 3 && fits(input.shape(), shape[0], 1, shape[1], shape[2])) {
                return with(new FloatTensor(data.data(), shape[0], 1, shape[1], shape[2]));
            }
            if (shape.length == 4 && fits(input.shape(), shape[0], shape[3], shape[1], shape[2])) {
                return with(channelsFirst());
            }
        }
        throw new BadInputException("%s: float32%s; network '%s' wants %s"
                .formatted(origin, Arrays.toString(shape), network.name(), network.inputs()));
    }

    private FloatSamples with(FloatTensor other) {
        return new FloatSamples(other, labels, origin);
    }

    private static boolean fits(long[] wanted, long... shape) {
        // the first dimension is the batch, of which any size is run
        return wanted.length == shape.length
                && IntStream.range(1, shape.length)
                        .allMatch(i -> wanted[i] == ValueInfo.DYNAMIC || wanted[i] == shape[i]);
    }

    private FloatTensor channelsFirst() {
        int positions = (int) (data.shape()[1] * data.shape()[2]);
        int channels = (int) data.shape()[3];
        float[] turned = new float[data.data().length];
        for (int i = 0; i < turned.length; i++) {
            int item = i / (positions * channels);
            int position = i / channels % positions;
            turned[(item * channels + i % channels) * positions + position] = data.data()[i];
        }
        return new FloatTensor(turned, data.shape()[0], channels, data.shape()[1], data.shape()[2]);
    }

    @Override
    public boolean hasPixels() {
        return false;
    }

    @Override
    public ImageDataset inMemory() {
        throw new BadInputException(origin + ": holds floats; networks are trained on images of bytes (uint8)");
    }

    @Override
    public String digest() {
        ByteBuffer classOf = ByteBuffer.allocate(4 * labels.length);
        classOf.asIntBuffer().put(labels);
        return Digests.ofText(Digests.of(data) + Digests.of(classOf.array()));
    }
}
