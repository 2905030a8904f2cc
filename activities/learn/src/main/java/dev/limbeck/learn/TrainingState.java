package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.schemas.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * All that a training needs to go on bit for bit. Random numbers are not part of it: they follow from seed and step ({@link Plan}).
 *
 * <p>As bytes: "LIMBECK1", the fields in the order below, all numbers big-endian, and a CRC-32 of everything before it.
 *
 * @param key digest of the network, the task and the options that this state belongs to
 * @param step the next one
 * @param lossSum over the steps of the epoch that is under way
 * @param seconds that those took
 * @param average of the weights; empty where none is kept
 */
record TrainingState(
        String key,
        long step,
        double lossSum,
        double seconds,
        List<Epoch> history,
        Map<String, FloatTensor> network,
        Map<String, FloatTensor> optimizer,
        Map<String, FloatTensor> average) {

    private static final String MAGIC = "LIMBECK1";
    private static final int CRC_BYTES = 8;

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(MAGIC);
            out.writeUTF(key);
            out.writeLong(step);
            out.writeDouble(lossSum);
            out.writeDouble(seconds);
            out.writeInt(history.size());
            for (Epoch epoch : history) {
                out.writeDouble(epoch.epochs());
                out.writeDouble(epoch.trainingLoss());
                out.writeDouble(epoch.validationAccuracy());
                out.writeDouble(epoch.seconds());
            }
            write(out, network);
            write(out, optimizer);
            write(out, average);
            out.writeLong(crc(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** @throws BadInputException if the bytes are no checkpoint, or a damaged one */
    static TrainingState parse(byte[] bytes) {
        if (bytes.length < CRC_BYTES
                || ByteBuffer.wrap(bytes).getLong(bytes.length - CRC_BYTES) != crc(bytes, bytes.length - CRC_BYTES)) {
            throw new BadInputException("the checkpoint is damaged; delete it, and the training begins anew");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (!in.readUTF().equals(MAGIC)) {
                throw new BadInputException(
                        "the checkpoint was written by another version; delete it, and the training begins anew");
            }
            String key = in.readUTF();
            long step = in.readLong();
            double lossSum = in.readDouble();
            double seconds = in.readDouble();
            List<Epoch> history = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                history.add(new Epoch(in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble()));
            }
            return new TrainingState(key, step, lossSum, seconds, history, read(in), read(in), read(in));
        } catch (IOException e) {
            throw new UncheckedIOException("the checkpoint's checksum is right, but its content is not", e);
        }
    }

    private static void write(DataOutputStream out, Map<String, FloatTensor> tensors) throws IOException {
        out.writeInt(tensors.size());
        for (Map.Entry<String, FloatTensor> entry : tensors.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeInt(entry.getValue().shape().length);
            for (long dimension : entry.getValue().shape()) {
                out.writeLong(dimension);
            }
            float[] data = entry.getValue().data();
            ByteBuffer buffer = ByteBuffer.allocate(4 * data.length);
            buffer.asFloatBuffer().put(data);
            out.write(buffer.array());
        }
    }

    private static Map<String, FloatTensor> read(DataInputStream in) throws IOException {
        Map<String, FloatTensor> tensors = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = in.readUTF();
            long[] shape = new long[in.readInt()];
            int size = 1;
            for (int i = 0; i < shape.length; i++) {
                shape[i] = in.readLong();
                size *= (int) shape[i];
            }
            float[] data = new float[size];
            ByteBuffer.wrap(in.readNBytes(4 * size)).asFloatBuffer().get(data);
            tensors.put(name, new FloatTensor(data, shape));
        }
        return tensors;
    }

    private static long crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }
}
