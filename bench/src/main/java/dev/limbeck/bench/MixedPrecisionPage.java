package dev.limbeck.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Writes docs/mixed-precision.md from what {@link MixedPrecisionRows} found. What the page says from the heading {@value #KEPT} on is
 * kept as it is. Arguments: the folder, the page, the commit, the names of the networks.
 */
public final class MixedPrecisionPage {

    static final String KEPT = "## With training";

    private MixedPrecisionPage() {}

    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        Path folder = Path.of(arguments[0]);
        Path file = Path.of(arguments[1]);
        StringBuilder page = new StringBuilder("""
            # Mixed precision

            `limbeck quantize net.onnx --data photos/ --mixed 4,8 --budget 0.5 -o mixed.onnx` chooses the bits of each group of layers
            ([how](quantize.md#mixed-precision)).

            Written by `bench/mixed-precision-page` at commit %s. Every group gets 4 or 8 bits for its weights and 4 or 8 for the
            activations that they read, without any training; ranges by MSE on 512 training images without labels, losses (the
            divergence of the outputs' softmax, in nats) on 256 of them, accuracy on the 10,000 test images of Fashion-MNIST, whose
            standard error is 0.3 points. All is computed in floats, as the files say: there are no integer kernels of fewer than 8
            bits. *Greedy* is the list that AIMET's automatic mixed precision goes down, with Limbeck's losses. *Exact* has no more
            bit-operations than that greedy choice: of the eight choices with the least sums of losses nearest to its cost, and
            that greedy choice itself, the one that really loses least. Predicted is the sum of what the groups lose alone, real
            what the whole network loses.
            """.formatted(arguments[2]));
        ObjectMapper mapper = new ObjectMapper();
        for (String name : Arrays.asList(arguments).subList(3, arguments.length)) {
            JsonNode network = mapper.readTree(folder.resolve(name + ".json").toFile());
            page.append("""

                ## %s
                In floats %.2f %%.

                | search | bit-operations of the 8-bit network's | loss, predicted | loss, real | accuracy |
                | --- | --: | --: | --: | --: |
                """.formatted(name, 100 * network.get("floatAccuracy").asDouble()));
            network.get("rows")
                    .forEach(row -> page.append("| %s | %.2f %% | %.4f | %.4f | %.2f %% |%n"
                            .formatted(
                                    row.get("method").asText(),
                                    100 * row.get("share").asDouble(),
                                    row.get("predictedLoss").asDouble(),
                                    row.get("loss").asDouble(),
                                    100 * row.get("accuracy").asDouble())));
            if (network.has("peer")) {
                page.append("""

                    AIMET's own greedy list (aimet-onnx 2.42, the same file, images and candidates), and the exact choice within the
                    same bit-operations:

                    | search | bit-operations of the 8-bit network's | accuracy |
                    | --- | --: | --: |
                    """);
                network.get("peer")
                        .forEach(row -> page.append("| %s | %.2f %% | %.2f %% |%n"
                                .formatted(
                                        row.get("method").asText(),
                                        100 * row.get("share").asDouble(),
                                        100 * row.get("accuracy").asDouble())));
            }
        }
        if (Files.exists(file)) {
            String before = Files.readString(file);
            int kept = before.indexOf(KEPT);
            page.append(kept < 0 ? "" : "\n" + before.substring(kept));
        }
        Files.writeString(file, page);
    }
}
