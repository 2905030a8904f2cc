package dev.limbeck.bench;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.FashionMnist;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.quantize.Rescaling;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What the comparison of quantization methods runs on, so that every tool sees the same bytes: {@code relu6.onnx} and {@code
 * relu.onnx}; {@code R1.onnx} and {@code R2.onnx}, which compute what relu.onnx does but have channels rescaled by log-normal
 * factors, R2 also through the average pooling into the last Gemm; the first 512 training images and all test images as NumPy files.
 * Arguments: the network with ReLU6, the one with ReLU, the folder to write; or a network and a folder, which gets the images only.
 */
public final class QuantizationData {

    static final int CALIBRATION_IMAGES = 512;

    static final double SD = 2;
    static final long SEED = 1;
    private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache", "limbeck");

    private QuantizationData() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 2) {
            Graph network = Graph.read(Path.of(arguments[0]));
            writeImages(network, Files.createDirectories(Path.of(arguments[1])));
            return;
        }
        Graph relu6 = Graph.read(Path.of(arguments[0]));
        Graph relu = Graph.read(Path.of(arguments[1]));
        Path folder = Files.createDirectories(Path.of(arguments[2]));
        relu6.write(folder.resolve("relu6.onnx"));
        relu.write(folder.resolve("relu.onnx"));
        Rescaling.rescale(relu, SD, SEED, false).write(folder.resolve("R1.onnx"));
        Rescaling.rescale(relu, SD, SEED, true).write(folder.resolve("R2.onnx"));
        writeImages(relu, folder);
    }

    /** The images and labels as the network takes them. */
    static void writeImages(Graph network, Path folder) throws IOException {
        write(folder.resolve("calibration.npy"), calibrationImages(network));
        ImageDataset test = splits().test().fitting(network);
        write(folder.resolve("test.npy"), test.images());
        writeLabels(folder.resolve("labels.npy"), test);
    }

    static void writeLabels(Path file, ImageDataset images) throws IOException {
        ByteBuffer labels = ByteBuffer.allocate(4 * images.size()).order(ByteOrder.LITTLE_ENDIAN);
        labels.asIntBuffer().put(images.labels());
        write(file, "<i4", new long[] {images.size()}, labels.array());
    }

    /** Float32, as NumPy reads it. */
    static void write(Path file, FloatTensor tensor) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.data().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor.data());
        write(file, "<f4", tensor.shape(), bytes.array());
    }

    static Splits splits() {
        return FashionMnist.load(null, CACHE, Progress.NONE);
    }

    static FloatTensor calibrationImages(Graph network) {
        return splits().train().take(CALIBRATION_IMAGES).fitting(network).images();
    }

    /** NumPy's format 1.0: a magic number, the length of a header padded to 64 bytes, the header, the values in row-major order. */
    private static void write(Path file, String type, long[] shape, byte[] values) throws IOException {
        String header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }"
                .formatted(type, Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", ")));
        int preamble = 10;
        int length = Math.ceilDiv(preamble + header.length() + 1, 64) * 64 - preamble;
        ByteBuffer bytes =
                ByteBuffer.allocate(preamble + length + values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
        bytes.put((byte) 1).put((byte) 0).putShort((short) length);
        bytes.put((header + " ".repeat(length - 1 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII));
        Files.write(file, bytes.put(values).array());
    }
}
