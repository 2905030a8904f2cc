package dev.limbeck.analyze;

import static java.util.Objects.requireNonNull;

import dev.limbeck.compress.CompressScheme;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.List;

/**
 * How much is looked at.
 *
 * @param quantization formats, granularity and calibration; equalization is tried besides
 * @param scheme of compression
 * @param images that ranges of activations come from
 * @param testImages that accuracies come from
 * @param layers that are quantized and compressed one by one; the largest, where there are more
 * @param model how commands on the page call the network
 * @param data how commands on the page call the data
 * @param dataArguments more of what they say about the data, such as where it lies and how pixels become numbers
 * @param arguments of {@code limbeck quantize} that stand for {@code quantization}; empty for the defaults
 */
public record AnalyzeOptions(
        QuantizeOptions quantization,
        CompressScheme scheme,
        int images,
        int testImages,
        int layers,
        String model,
        String data,
        List<String> dataArguments,
        List<String> arguments) {

    public AnalyzeOptions {
        requireNonNull(quantization, "quantization is null");
        requireNonNull(scheme, "scheme is null");
        requirePositive("images", images);
        requirePositive("testImages", testImages);
        requirePositive("layers", layers);
        dataArguments = List.copyOf(dataArguments);
        arguments = List.copyOf(arguments);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new BadInputException(name + " is " + value + "; give 1 or more");
        }
    }

    /** 8-bit weights and activations, low ranks; 256 images for ranges, 2000 for accuracies, 60 layers. */
    public static AnalyzeOptions defaults() {
        return new AnalyzeOptions(
                QuantizeOptions.defaults(),
                CompressScheme.WEIGHT_SVD,
                256,
                2000,
                60,
                "MODEL.onnx",
                "DATA",
                List.of(),
                List.of());
    }
}
