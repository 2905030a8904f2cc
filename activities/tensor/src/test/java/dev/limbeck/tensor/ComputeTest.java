package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every device of the machine that the tests run on, in every precision, beside the CPU in 32 bits. */
class ComputeTest {

    private static final FloatTensor IMAGES = Nets.normal(2, 8, 3, 12, 12);

    static List<Compute> everywhere() {
        return Device.available().stream()
                .flatMap(device -> Stream.of(Precision.values()).map(precision -> new Compute(device, precision)))
                .toList();
    }

    /** Convolution, batch norm, a division by numbers, dropout of nothing, and a matrix product. */
    private static Graph network() {
        SplittableRandom random = new SplittableRandom(1);
        GraphEditor g = GraphEditor.create("net").input(Nets.input(ValueInfo.DYNAMIC, 3, 12, 12));
        String x = Nets.conv(g, random, "x", 3, 16, 3, 1, 1);
        x = Nets.batchNorm(g, random, x, 16);
        x = g.add(Node.of("Relu", "relu", List.of(x), List.of("relu")));
        x = Nets.conv(g, random, x, 16, 16, 3, 2, 16);
        String six = g.initializer("six", TensorValue.ofFloats(new float[] {6}));
        x = g.add(Node.of("Div", "div", List.of(x, six), List.of("div")));
        x = g.add(Node.of("GlobalAveragePool", "pool", List.of(x), List.of("pool")));
        x = g.add(Node.of("Flatten", "flat", List.of(x), List.of("flat")));
        String w = g.initializer("fc", Nets.weights(random, 0.5, 16, 10));
        x = g.add(Node.of("MatMul", "product", List.of(x, w), List.of("product")));
        return Nets.finish(g, x);
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void aNetworkAnswersAsOnTheCpuInFullPrecision(Compute compute) {
        float[] expected = answer(Compute.DEFAULT).data();
        FloatTensor answer = answer(compute);

        double error = 0;
        double signal = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow(answer.data()[i] - expected[i], 2);
            signal += Math.pow(expected[i], 2);
        }
        // bfloat16 has 8 bits of significand: a relative error of 2^-9 for each rounding
        double allowed = compute.precision() == Precision.BFLOAT16 ? 2e-2 : 1e-4;
        assertThat(Math.sqrt(error / signal)).isLessThan(allowed);
        if (compute.precision() == Precision.BFLOAT16) {
            assertThat(answer.data()).as("computed in fewer bits").isNotEqualTo(expected);
        }
        assertThat(torch.is_autocast_enabled(DeviceType.CPU))
                .as("switched off again")
                .isFalse();
    }

    private static FloatTensor answer(Compute compute) {
        try (GraphExecutor executor = GraphExecutor.compile(network(), compute, 1);
                TensorScope scope = TensorScope.open()) {
            return executor.forward(Tensor.of(IMAGES), Mode.EVAL).toFloatTensor();
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void trainingLowersTheLossAndGoesOnAnywhere(Compute compute) {
        Map<String, FloatTensor> network;
        Map<String, FloatTensor> moments;
        List<Float> losses = new ArrayList<>();
        try (GraphExecutor executor = GraphExecutor.compile(network(), compute, 1);
                Optimizer optimizer = Optimizers.adamW(executor.parameters(), 0.9, 0.999, 1e-8, 0)) {
            for (int step = 0; step < 20; step++) {
                losses.add(step(executor, optimizer));
            }
            network = executor.state();
            moments = optimizer.state();
        }
        assertThat(losses.getLast()).isLessThan(losses.getFirst() / 2);
        try (GraphExecutor elsewhere = GraphExecutor.compile(network(), Compute.DEFAULT, 1);
                Optimizer optimizer = Optimizers.adamW(elsewhere.parameters(), 0.9, 0.999, 1e-8, 0)) {
            elsewhere.restore(network);
            optimizer.restore(moments);
            assertThat(step(elsewhere, optimizer)).isLessThan(losses.getFirst() / 2);
        }
    }

    private static float step(GraphExecutor executor, Optimizer optimizer) {
        try (TensorScope scope = TensorScope.open()) {
            optimizer.zeroGradients();
            Tensor loss = Losses.crossEntropy(
                    executor.forward(Tensor.of(IMAGES), Mode.TRAIN), new int[] {0, 1, 2, 3, 4, 5, 6, 7}, 0);
            loss.backward();
            optimizer.step(0.05);
            return loss.item();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cuda", "cuda:-1", "cuda:1000", "CPU", ""})
    void whatIsNoNameOfADeviceIsRefused(String name) {
        assertThatThrownBy(() -> Device.named(name))
                .isInstanceOf(BadInputException.class)
                .hasMessage("'" + name + "' is no device; give cpu or cuda:0, cuda:1, ...");
    }

    @Test
    void aDeviceThatIsNotThereIsRefusedWithTheMend() {
        assertThatCode(() -> Device.named("cpu")).doesNotThrowAnyException();
        assumeThat(Device.available()).as("a machine without a GPU").hasSize(1);
        assertThatThrownBy(() -> Device.named("cuda:0"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("there is no 'cuda:0'")
                .hasMessageContaining("LIMBECK_MAVEN_OPTIONS=-Pcuda")
                .hasMessageContaining("or give cpu");
    }
}
