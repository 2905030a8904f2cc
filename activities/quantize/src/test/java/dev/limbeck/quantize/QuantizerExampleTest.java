package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples in the documentation of {@link Quantizer} and {@link MixedPrecision} are compiled, and do what they say. */
class QuantizerExampleTest {

    private static final Path FOLDER = Path.of("src", "main", "java", "dev", "limbeck", "quantize");
    private static final Path TESTS = Path.of("src", "test", "java", "dev", "limbeck", "quantize");

    @Test
    void quantizes() {
        Graph network = TestNetworks.residual("Relu", 1);
        FloatTensor images = TestNetworks.images(32, 1);
        // the example
        Quantized quantized = Quantizer.quantize(
                network,
                images,
                QuantizeOptions.builder()
                        .weightBits(4)
                        .equalize(true)
                        .rounding(RoundingOptions.adaRound().toBuilder()
                                .candidates(20)
                                .iterations(100)
                                .build())
                        .biasCorrection(true)
                        .build());
        // ends here
        assertThat(quantized.steps())
                .anyMatch(step -> step.contains("SeqMSE") && step.contains("AdaRound, 100 iterations"))
                .anyMatch(step -> step.contains("biases corrected"))
                .anyMatch(step -> step.contains("int4 weights"));
    }

    @Test
    void mixes() {
        Graph network = TestNetworks.residual("Relu", 1);
        FloatTensor images = TestNetworks.images(32, 1);
        // the example of mixed precision
        QuantizeOptions options = QuantizeOptions.defaults();
        MixedPrecision mixed = MixedPrecision.measure(network, images, options, Precision.parse("4,8"), Progress.NONE);
        QuantizeOptions half = mixed.within(0.5).orElseThrow().options(); // of the bit-operations of 8 bits
        Quantized quantized = Quantizer.quantize(network, images, half);
        // ends here
        assertThat(quantized.steps()).anyMatch(step -> step.matches("int8 weights, .*; \\d+ tensors of other bits"));
    }

    @ParameterizedTest
    @CsvSource({"Quantizer, // the example", "MixedPrecision, // the example of mixed precision"})
    void isTheDocumentationsOwn(String documentedClass, String marker) throws IOException {
        List<String> documented = between(FOLDER.resolve(documentedClass + ".java"), "<pre>{@code", "}</pre>").stream()
                .map(line -> line.replaceFirst("^ \\* ?", ""))
                .toList();
        List<String> compiled = between(TESTS.resolve("QuantizerExampleTest.java"), marker, "// ends here").stream()
                .map(line -> line.replaceFirst("^ {8}", ""))
                .toList();
        assertThat(documented).isEqualTo(compiled);
    }

    private static List<String> between(Path file, String first, String last) throws IOException {
        List<String> lines = Files.readAllLines(file);
        int begin = index(lines, first);
        List<String> rest = lines.subList(begin + 1, lines.size());
        return rest.subList(0, index(rest, last));
    }

    private static int index(List<String> lines, String text) {
        int index = 0;
        while (!lines.get(index).strip().replaceFirst("^\\* ", "").equals(text)) {
            index++;
        }
        return index;
    }
}
