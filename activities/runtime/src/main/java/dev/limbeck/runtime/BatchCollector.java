package dev.limbeck.runtime;

import dev.limbeck.graph.FloatTensor;

/** Puts the outputs of batches together into one tensor. */
final class BatchCollector {

    private final int items;
    private float[] data;
    private long[] shape;

    BatchCollector(int items) {
        this.items = items;
    }

    /** @param from position of the batch's first item in the whole */
    void add(int from, FloatTensor batch) {
        if (data == null) {
            shape = batch.shape().clone();
            shape[0] = items;
            data = new float[items * batch.itemSize()];
        }
        System.arraycopy(batch.data(), 0, data, from * batch.itemSize(), batch.data().length);
    }

    FloatTensor whole() {
        return new FloatTensor(data, shape);
    }
}
