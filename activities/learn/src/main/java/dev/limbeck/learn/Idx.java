package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The IDX format of MNIST and its kin: two zero bytes, the element type, the number of dimensions, each dimension as a big-endian
 * 32-bit number, then the elements.
 *
 * @param data the elements, which are unsigned bytes
 */
record Idx(byte[] data, int... shape) {

    private static final int UNSIGNED_BYTE = 8;

    /** @param origin what messages call these bytes */
    static Idx parse(byte[] bytes, String origin) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (bytes.length < 4 || buffer.getShort() != 0 || buffer.get() != UNSIGNED_BYTE) {
            throw new BadInputException(origin + ": not an IDX file of bytes");
        }
        int dimensions = buffer.get();
        if (dimensions < 1 || buffer.remaining() < 4 * dimensions) {
            throw new BadInputException(origin + ": the IDX file ends in its header");
        }
        int[] shape = new int[dimensions];
        long elements = 1;
        for (int i = 0; i < dimensions; i++) {
            shape[i] = buffer.getInt();
            elements *= shape[i];
        }
        if (elements != buffer.remaining()) {
            throw new BadInputException("%s: the IDX file holds %d bytes; its shape %s needs %d"
                    .formatted(origin, buffer.remaining(), Arrays.toString(shape), elements));
        }
        return new Idx(Arrays.copyOfRange(bytes, buffer.position(), bytes.length), shape);
    }
}
