package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Checkpoints;
import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.QuantizationTraining;
import dev.limbeck.learn.Samples;
import dev.limbeck.learn.Splits;
import dev.limbeck.quantize.BitReport;
import dev.limbeck.quantize.Encodings;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.quantize.RoundingOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What docs/quantize.md says is so. */
class QuantizePageTest {

    private static final Path PAGE = Path.of("..", "docs", "quantize.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/limbeck/cli/QuantizePageTest.java");

    @TempDir
    private Path folder;

    /** The example of the page, but for data and a network that make it quick. */
    @Test
    void theExampleRuns() throws IOException {
        Path model = TinyRun.folder(folder).resolve("reference.onnx");
        String data = ClassFolders.write(folder.resolve("data"), 40).toString();
        Path cache = folder;
        Path output = folder.resolve("int4.onnx");
        Path encodings = folder.resolve("int4.json");
        example(model, data, cache, output, encodings);
        assertThat(Graph.read(output).initializers()).isNotEmpty();
        assertThat(encodings).isNotEmptyFile();
    }

    private static void example(Path model, String data, Path cache, Path output, Path encodings) {
        Graph network = Graph.read(model);
        Samples images = Datasets.load(data, null, cache, Progress.NONE)
                .train()
                .take(512)
                .fitting(network);
        QuantizeOptions options = QuantizeOptions.builder()
                .weightBits(4)
                .equalize(true)
                .rounding(RoundingOptions.adaRound())
                .build();
        Quantized quantized = Quantizer.quantize(network, images.batch(0, images.size()), options);
        quantized.graph().write(output);
        Encodings.of(quantized).write(encodings, Encodings.Version.V1_0_0);
    }

    private static BitReport trained(
            Graph network,
            Splits splits,
            QuantizeOptions fourBits,
            QuantizeOptions eightBits,
            Progress progress,
            Checkpoints checkpoints,
            Checkpoints gates,
            Checkpoints fixed) {
        ImageDataset train = splits.train();
        ImageDataset validation = splits.validation();
        Quantized quantized = QuantizationTraining.qat()
                .train(network, train, validation, 512, fourBits, progress, checkpoints, fixed)
                .quantized();
        BitReport bits = QuantizationTraining.bayesianBits(0.1)
                .train(network, train, validation, 512, eightBits, progress, gates, fixed)
                .report()
                .orElseThrow();
        return quantized.steps().isEmpty() ? null : bits;
    }

    @Test
    void theExamplesAreThoseOfThePage() throws IOException {
        String source = packed(Files.readString(SOURCE));
        assertThat(blocks("java")).hasSize(2).allSatisfy(block -> assertThat(source)
                .contains(packed(block)));
    }

    @Test
    void itsCommandsAreUnderstood() throws IOException {
        List<String> commands = block("sh")
                .lines()
                .map(line -> line.replaceAll("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .toList();
        assertThat(commands).hasSizeGreaterThan(3).allSatisfy(command -> assertThatCode(() -> commandLine()
                        .parseArgs(command.replaceFirst("limbeck +", "").split(" +")))
                .doesNotThrowAnyException());
    }

    @Test
    void itKnowsEveryOption() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(commandLine()
                        .getSubcommands()
                        .get("quantize")
                        .getCommandSpec()
                        .options())
                .extracting(CommandLine.Model.OptionSpec::longestName)
                .filteredOn(name -> !List.of("--help", "--version", "--output", "--data-dir")
                        .contains(name))
                .allSatisfy(name -> assertThat(page).contains("`" + name));
    }

    private static CommandLine commandLine() {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
        return Limbeck.commandLine(new Console(nowhere, nowhere, 0, Json.mapper()));
    }

    private static String block(String language) throws IOException {
        return blocks(language).getFirst();
    }

    private static List<String> blocks(String language) throws IOException {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static String packed(String code) {
        return code.replaceAll("\\s+", "");
    }
}
