package dev.limbeck.runtime;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;

/** Puts the outputs of batches together into one tensor. */
final class BatchCollector {

    private final int items;
    private float[] data;
    private long[] shape;

    BatchCollector(int items) {
        this.items = items;
    }

    /**
     * @param from position of the batch's first item in the whole
     * @param count of items in the batch
     * @param batch a first dimension of so many, or of several for each item, as where the tokens of images are rows
     * @throws BadInputException if it is neither
     */
    void add(int from, int count, FloatTensor batch) {
        if (batch.shape().length == 0 || batch.batch() % count != 0) {
            throw new BadInputException(
                    "%d items make a tensor of shape %s, which cannot be told apart; its first dimension must be theirs"
                            .formatted(count, Arrays.toString(batch.shape())));
        }
        int item = batch.data().length / count;
        if (data == null) {
            shape = batch.shape().clone();
            shape[0] = (long) batch.batch() / count * items;
            data = new float[items * item];
        }
        System.arraycopy(batch.data(), 0, data, from * item, batch.data().length);
    }

    FloatTensor whole() {
        return new FloatTensor(data, shape);
    }
}
