package dev.limbeck.quantize;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What rounding the weights of a layer or block came to.
 *
 * @param weights by initializer
 * @param steps of activations that were learned, by tensor
 */
record RoundingCheckpoint(Map<String, RoundedWeight> weights, Map<String, Float> steps) {

    /**
     * @param values on the grid
     * @param scale of the grid
     */
    record RoundedWeight(float[] values, float[] scale) {}

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(weights.size());
            for (Map.Entry<String, RoundedWeight> entry : weights.entrySet()) {
                out.writeUTF(entry.getKey());
                write(out, entry.getValue().values());
                write(out, entry.getValue().scale());
            }
            out.writeInt(steps.size());
            for (Map.Entry<String, Float> entry : steps.entrySet()) {
                out.writeUTF(entry.getKey());
                out.writeFloat(entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    static RoundingCheckpoint read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Map<String, RoundedWeight> weights = new LinkedHashMap<>();
            for (int i = in.readInt(); i > 0; i--) {
                weights.put(in.readUTF(), new RoundedWeight(read(in), read(in)));
            }
            Map<String, Float> steps = new LinkedHashMap<>();
            for (int i = in.readInt(); i > 0; i--) {
                steps.put(in.readUTF(), in.readFloat());
            }
            return new RoundingCheckpoint(weights, steps);
        } catch (IOException e) {
            throw new UncheckedIOException("a checkpoint of rounded weights is cut off", e);
        }
    }

    private static void write(DataOutputStream out, float[] values) throws IOException {
        out.writeInt(values.length);
        for (float value : values) {
            out.writeFloat(value);
        }
    }

    private static float[] read(DataInputStream in) throws IOException {
        float[] values = new float[in.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readFloat();
        }
        return values;
    }
}
