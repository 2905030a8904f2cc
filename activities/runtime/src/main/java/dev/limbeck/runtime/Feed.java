package dev.limbeck.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.schemas.BadInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Native copies of the inputs of a run, in the element types that the network declares. */
record Feed(Map<String, OnnxTensor> tensors) implements AutoCloseable {

    /** @throws BadInputException if an input is not the network's, or has elements of a type that is not supported */
    static Feed of(OrtEnvironment environment, OrtSession session, Map<String, FloatTensor> inputs)
            throws OrtException {
        Feed feed = new Feed(new LinkedHashMap<>());
        try {
            for (Map.Entry<String, FloatTensor> entry : inputs.entrySet()) {
                OnnxJavaType type = type(session, entry.getKey());
                feed.tensors.put(entry.getKey(), tensor(environment, entry.getKey(), type, entry.getValue()));
            }
            return feed;
        } catch (OrtException | RuntimeException e) {
            feed.close();
            throw e;
        }
    }

    private static OnnxJavaType type(OrtSession session, String input) throws OrtException {
        if (!session.getInputNames().contains(input)) {
            throw new BadInputException("the network has no input '" + input + "'; it has " + session.getInputNames());
        }
        return session.getInputInfo().get(input).getInfo() instanceof TensorInfo info
                ? info.type
                : OnnxJavaType.UNKNOWN;
    }

    private static OnnxTensor tensor(OrtEnvironment environment, String input, OnnxJavaType type, FloatTensor value)
            throws OrtException {
        float[] data = value.data();
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(type.size, data.length))
                .order(ByteOrder.nativeOrder());
        switch (type) {
            case FLOAT -> buffer.asFloatBuffer().put(data);
            case DOUBLE -> {
                for (float element : data) {
                    buffer.putDouble(element);
                }
            }
            case INT64 -> {
                for (float element : data) {
                    buffer.putLong((long) element);
                }
            }
            case INT32 -> {
                for (float element : data) {
                    buffer.putInt((int) element);
                }
            }
            case INT8, UINT8, BOOL -> {
                for (float element : data) {
                    buffer.put((byte) element);
                }
            }
            default -> throw new BadInputException("input '" + input + "' takes " + type + ", which is not supported");
        }
        return OnnxTensor.createTensor(environment, buffer.rewind(), value.shape(), type);
    }

    @Override
    public void close() {
        tensors.values().forEach(OnnxTensor::close);
    }
}
