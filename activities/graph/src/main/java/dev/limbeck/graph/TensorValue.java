package dev.limbeck.graph;

import static java.util.Objects.requireNonNull;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.limbeck.schemas.BadInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A constant tensor of a graph, immutable; element order is row-major. */
public final class TensorValue {

    private final TensorProto proto;

    private TensorValue(TensorProto proto) {
        this.proto = requireNonNull(proto, "proto is null");
    }

    /** Wraps what was read from a file. */
    public static TensorValue of(TensorProto proto) {
        return new TensorValue(proto);
    }

    public static TensorValue ofFloats(float[] data, long... shape) {
        ByteBuffer buffer = buffer(4 * data.length);
        buffer.asFloatBuffer().put(data);
        return ofBytes(ElementType.FLOAT, buffer, data.length, shape);
    }

    public static TensorValue ofLongs(long[] data, long... shape) {
        ByteBuffer buffer = buffer(8 * data.length);
        buffer.asLongBuffer().put(data);
        return ofBytes(ElementType.INT64, buffer, data.length, shape);
    }

    public static TensorValue ofInts(int[] data, long... shape) {
        ByteBuffer buffer = buffer(4 * data.length);
        buffer.asIntBuffer().put(data);
        return ofBytes(ElementType.INT32, buffer, data.length, shape);
    }

    /** @param type {@link ElementType#INT8}, {@link ElementType#UINT8} or {@link ElementType#BOOL} */
    public static TensorValue ofBytes(ElementType type, byte[] data, long... shape) {
        return ofBytes(type, ByteBuffer.wrap(data), data.length, shape);
    }

    /** Integers in the fewest bytes that the type takes; 4-bit ones two a byte, the first in the lower half. */
    public static TensorValue ofIntegers(ElementType type, int[] data, long... shape) {
        boolean packed = isPacked(type);
        ByteBuffer buffer = buffer(packed ? Math.ceilDiv(data.length, 2) : type.bytes() * data.length);
        for (int i = 0; i < data.length; i++) {
            switch (type) {
                case INT4, UINT4 -> buffer.put(i / 2, (byte) (buffer.get(i / 2) | (data[i] & 0xF) << 4 * (i % 2)));
                case INT8, UINT8 -> buffer.put(i, (byte) data[i]);
                case INT16, UINT16 -> buffer.putShort(2 * i, (short) data[i]);
                case INT32, UINT32 -> buffer.putInt(4 * i, data[i]);
                default -> throw new IllegalArgumentException(type + " is not an integer type of up to 32 bits");
            }
        }
        return ofBytes(type, buffer, data.length, shape);
    }

    /** Rounds to half precision, ties to even. */
    public static TensorValue ofHalfFloats(float[] data, long... shape) {
        ByteBuffer buffer = buffer(2 * data.length);
        for (float value : data) {
            buffer.putShort(Float.floatToFloat16(value));
        }
        return ofBytes(ElementType.FLOAT16, buffer.flip(), data.length, shape);
    }

    static boolean isPacked(ElementType type) {
        return type == ElementType.INT4 || type == ElementType.UINT4;
    }

    public static TensorValue scalar(float value) {
        return ofFloats(new float[] {value});
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static TensorValue ofBytes(ElementType type, ByteBuffer data, long count, long... shape) {
        if (elements(shape) != count) {
            throw new IllegalArgumentException(
                    count + " elements do not fill the shape " + java.util.Arrays.toString(shape));
        }
        TensorProto.Builder builder = TensorProto.newBuilder().setDataType(type.code());
        for (long dimension : shape) {
            builder.addDims(dimension);
        }
        return new TensorValue(builder.setRawData(ByteString.copyFrom(data)).build());
    }

    /** Product of the dimensions; 1 for a scalar. */
    public static long elements(long... shape) {
        long product = 1;
        for (long dimension : shape) {
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }

    public ElementType type() {
        return ElementType.ofCode(proto.getDataType());
    }

    public long[] shape() {
        return proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    }

    /** Number of elements. */
    public long size() {
        return elements(shape());
    }

    /** The elements as floats; integers and booleans are converted. */
    public float[] floats() {
        int count = Math.toIntExact(size());
        float[] out = new float[count];
        if (type() == ElementType.FLOAT) {
            if (proto.hasRawData()) {
                raw(4L * count).asFloatBuffer().get(out);
            } else {
                for (int i = 0; i < count; i++) {
                    out[i] = proto.getFloatData(i);
                }
            }
            return out;
        }
        if (type() == ElementType.DOUBLE) {
            ByteBuffer raw = proto.hasRawData() ? raw(8L * count) : null;
            for (int i = 0; i < count; i++) {
                out[i] = (float) (raw == null ? proto.getDoubleData(i) : raw.getDouble(8 * i));
            }
            return out;
        }
        if (type() == ElementType.FLOAT16) {
            ByteBuffer raw = proto.hasRawData() ? raw(2L * count) : null;
            for (int i = 0; i < count; i++) {
                out[i] = Float.float16ToFloat(raw == null ? (short) proto.getInt32Data(i) : raw.getShort(2 * i));
            }
            return out;
        }
        if (type() == ElementType.BFLOAT16) {
            ByteBuffer raw = proto.hasRawData() ? raw(2L * count) : null;
            for (int i = 0; i < count; i++) {
                out[i] = Float.intBitsToFloat((raw == null ? proto.getInt32Data(i) : raw.getShort(2 * i)) << 16);
            }
            return out;
        }
        long[] longs = longs();
        for (int i = 0; i < count; i++) {
            out[i] = longs[i];
        }
        return out;
    }

    /** The elements of an integer or boolean tensor. */
    public long[] longs() {
        int count = Math.toIntExact(size());
        ElementType type = type();
        if (!type.isInteger()) {
            throw new BadInputException("tensor '" + name() + "' holds " + type + ", where integers are needed");
        }
        long[] out = new long[count];
        long bytes = isPacked(type) ? Math.ceilDiv(count, 2) : (long) type.bytes() * count;
        ByteBuffer raw = proto.hasRawData() ? raw(bytes) : null;
        for (int i = 0; i < count; i++) {
            out[i] = switch (type) {
                case INT64 -> raw == null ? proto.getInt64Data(i) : raw.getLong(8 * i);
                case UINT64 -> raw == null ? proto.getUint64Data(i) : raw.getLong(8 * i);
                case INT32 -> raw == null ? proto.getInt32Data(i) : raw.getInt(4 * i);
                case UINT32 -> raw == null ? proto.getUint64Data(i) : Integer.toUnsignedLong(raw.getInt(4 * i));
                case INT16 -> raw == null ? proto.getInt32Data(i) : raw.getShort(2 * i);
                case UINT16 -> raw == null ? proto.getInt32Data(i) : Short.toUnsignedLong(raw.getShort(2 * i));
                case INT8 -> raw == null ? proto.getInt32Data(i) : raw.get(i);
                case UINT8, BOOL -> raw == null ? proto.getInt32Data(i) : Byte.toUnsignedLong(raw.get(i));
                case INT4, UINT4 -> {
                    int pair = raw == null ? proto.getInt32Data(i / 2) : raw.get(i / 2);
                    int half = pair >> 4 * (i % 2) & 0xF;
                    yield type == ElementType.INT4 && half > 7 ? half - 16 : half;
                }
                case FLOAT, DOUBLE, FLOAT16, BFLOAT16, STRING, OTHER ->
                    throw new IllegalStateException(type + " is no integer type");
            };
        }
        return out;
    }

    /** The first element as a float; for scalars. */
    public float scalarFloat() {
        return floats()[0];
    }

    /** The first element as an integer; for scalars. */
    public long scalarLong() {
        return longs()[0];
    }

    public String name() {
        return proto.getName();
    }

    public TensorValue named(String name) {
        return new TensorValue(proto.toBuilder().setName(name).build());
    }

    public TensorProto proto() {
        return proto;
    }

    private ByteBuffer raw(long expected) {
        ByteString data = proto.getRawData();
        if (data.size() != expected) {
            throw new BadInputException("tensor '" + name() + "' of shape " + proto.getDimsList() + " holds "
                    + data.size() + " bytes, not " + expected + "; the file is damaged");
        }
        return data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public String toString() {
        List<Long> dims = proto.getDimsList();
        return type() + dims.toString();
    }
}
