package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example in {@link Quantizer}'s documentation is compiled, and does what it says. */
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
    void isTheDocumentationsOwn() throws IOException {
        List<String> documented = between(FOLDER.resolve("Quantizer.java"), "<pre>{@code", "}</pre>").stream()
                .map(line -> line.replaceFirst("^ \\* ?", ""))
                .toList();
        List<String> compiled =
                between(TESTS.resolve("QuantizerExampleTest.java"), "// the example", "// ends here").stream()
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
