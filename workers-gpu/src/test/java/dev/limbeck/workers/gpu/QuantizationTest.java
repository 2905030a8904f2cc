package dev.limbeck.workers.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.QuantizeSpec;
import dev.limbeck.schemas.Specs;
import dev.limbeck.workflows.QuantizeOutcome.Method;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuantizationTest {

    @Test
    void aGoalIsJudgedByWhatTrainingCameTo() {
        assertThat(missed("method: qat, goal: 1%", 0.85, Optional.empty()))
                .hasValue("the goal is missed: 85.00 % on validation images after training, 90.00 % in floats, and no"
                        + " more than 1.00 points may be lost; the network was kept all the same");
        assertThat(missed("method: qat, goal: 1%", 0.89, Optional.empty())).isEmpty();
        assertThat(missed("method: qat", 0.1, Optional.empty())).isEmpty();
    }

    @Test
    void trainingMayReachAGoalThatPrecisionsMissed() {
        Optional<String> before = Optional.of("missed before training");
        assertThat(missed("mixed: [4, 8], method: qat, goal: 1%", 0.9, before)).isEmpty();
        assertThat(missed("mixed: [4, 8], method: qat, goal: 1%", 0.8, before).orElseThrow())
                .contains("80.00 % on validation images after training");
        assertThat(missed("mixed: [4, 8], goal: 1%", 0.8, before)).isEqualTo(before);
        assertThat(missed("mixed: [4, 8], method: qat, budget: 0.1", 0.9, before))
                .isEqualTo(before);
    }

    @Test
    void stepsThatWereGivenAreJudgedToo() {
        assertThat(missed("calibration: mse, goal: 1%", 0.8, Optional.empty()).orElseThrow())
                .contains("the goal is missed: 80.00 % on validation images with these steps");
        assertThat(missed("calibration: mse", 0.8, Optional.empty())).isEmpty();
    }

    /** Of a network of 90 % in floats. */
    private static Optional<String> missed(String quantize, double accuracy, Optional<String> before) {
        QuantizeSpec way =
                Specs.parse("""
                        limbeck: v1
                        name: goals
                        job: quantize
                        reference: a.onnx
                        task: {type: classification, data: fashion-mnist}
                        quantize: {%s}
                        """.formatted(quantize), "a.yaml").quantize().getFirst();
        Method method = new Method("tried", 0.9, accuracy, 1, List.of());
        Graph any = GraphEditor.create("any")
                .input(new ValueInfo("x", ElementType.FLOAT, 1))
                .build();
        return Quantization.judged(new Quantization.Result(any, accuracy, List.of(), List.of(method), 0, before), way)
                .missed();
    }
}
