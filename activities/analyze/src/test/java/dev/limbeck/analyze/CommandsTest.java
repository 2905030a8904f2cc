package dev.limbeck.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.compress.CompressScheme;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.quantize.QuantizeOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandsTest {

    private static final AnalyzeOptions OPTIONS = new AnalyzeOptions(
            QuantizeOptions.defaults(),
            CompressScheme.SPATIAL_SVD,
            1,
            1,
            1,
            "my net.onnx",
            "Ann's photos/",
            List.of("--mean", "0.5,0.4,0.3", "--std", "0.2"),
            List.of("--weights", "int4"));

    @Test
    void theyAreAboutTheSameDataAndAsAShellTakesThem() {
        Commands commands = new Commands(OPTIONS, true, true);
        String about = " 'my net.onnx' --data 'Ann'\\''s photos/' --mean 0.5,0.4,0.3 --std 0.2 ";
        assertThat(commands.quantize("--equalize"))
                .isEqualTo("limbeck quantize" + about + "--weights int4 --equalize -o int8.onnx");
        assertThat(commands.compress(0.756))
                .hasValue("limbeck compress" + about + "--scheme spatial-svd --ratio 0.76 -o small.onnx");
        assertThat(commands.tune()).hasValue("limbeck tune 'my net.onnx'");
        assertThat(commands.measure(commands.quantize()))
                .hasValue("limbeck quantize" + about
                        + "--weights int4 -o int8.onnx && limbeck measure 'my net.onnx' int8.onnx");
    }

    @Test
    void whatWouldBeRefusedIsNotSuggested() {
        Commands commands = new Commands(OPTIONS, false, false);
        assertThat(commands.compress(0.5)).isEmpty();
        assertThat(commands.tune()).isEmpty();
        assertThat(commands.measure(commands.quantize())).isEmpty();
    }

    @Test
    void integersAndOpenSizesAreNoRandomInputs() {
        assertThat(takesRandom(ElementType.FLOAT, ValueInfo.DYNAMIC, 3, 8, 8)).isTrue();
        assertThat(takesRandom(ElementType.INT64, ValueInfo.DYNAMIC, 8)).isFalse();
        assertThat(takesRandom(ElementType.FLOAT, ValueInfo.DYNAMIC, 3, ValueInfo.DYNAMIC, 8))
                .isFalse();
    }

    private static boolean takesRandom(ElementType type, long... shape) {
        Graph graph =
                GraphEditor.create("g").input(new ValueInfo("x", type, shape)).build();
        return LatencyMeasurer.takesRandomInputs(graph);
    }
}
