package dev.limbeck.analyze;

import dev.limbeck.analyze.Analysis.LayerTime;
import dev.limbeck.analyze.Analysis.NodeTime;
import dev.limbeck.analyze.Analysis.Reason;
import dev.limbeck.graph.Node;
import dev.limbeck.measure.MachineState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Says of each layer that is slower in integers than in floats why that is so, and adds the reasons up. */
final class SlowLayers {

    /** What two measurements of the same may differ by. */
    private static final double NOISE_SHARE = 0.1;

    private static final double NOISE_MICROS = 1;

    /** Below so many operations the work around them decides. */
    private static final long FEW_MACS = 300_000;

    private static final Set<String> FLOAT_KERNELS =
            Set.of("Conv", "FusedConv", "NhwcFusedConv", "Gemm", "FusedGemm", "MatMul", "FusedMatMul");
    private static final Set<String> PRODUCTS = Set.of("Conv", "Gemm", "MatMul", "ConvTranspose");
    private static final Set<String> PASSES = Set.of("QuantizeLinear", "DequantizeLinear");
    private static final Set<String> LAYOUT = Set.of("Transpose", "ReorderInput", "ReorderOutput");
    private static final List<String> FAST_PRODUCTS = List.of("avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm");

    private enum Cause {
        FLOAT_KERNEL(
                "It runs in floats all the same",
                "ONNX Runtime has no integer kernel for this layer as it is written, so its input is made floats of"
                        + " first.",
                "See what the layer reads: an operator without an integer kernel before it, or weights packed into 4"
                        + " bits (leave out --pack-weights). 'limbeck measure' says which kernels run."),
        PASSES(
                "Numbers are converted at the border between floats and integers",
                "QuantizeLinear and DequantizeLinear go over the whole tensor once more, because what lies before or"
                        + " after runs in floats.",
                "The network's own input and output need one each. For others, replace the operator beside them that"
                        + " has no integer kernel, or quantize with --target htp for devices that have all of them."),
        ACTIVATION(
                "The activation became several nodes",
                "Hard swish and hard sigmoid have no integer kernel; they are written as a bounded ramp and a product,"
                        + " each of which goes over the tensor.",
                "Use ReLU, which costs nothing in integers, as it vanishes into the range of the layer before it:"
                        + " 'limbeck run' with 'activation: [relu]' below 'vary' in its spec finds networks with it."),
        DEPTHWISE(
                "Depthwise convolution",
                "Each number meets only a few weights, so time goes into moving and rescaling numbers, not into"
                        + " products, and integer products cannot help. The float kernel works on blocks of channels and"
                        + " takes in the activation.",
                "Nothing in quantization mends it. Where latency counts, let 'limbeck run' try grouped or plain"
                        + " convolutions there."),
        ELEMENTWISE(
                "Sums, products and pooling must rescale",
                "Two integer tensors have two scales: each number is converted, added and rounded again. Floats are"
                        + " just added, often by the convolution before.",
                "Nothing by itself; it pays where the layers around it gain more than this costs."),
        SMALL(
                "Too small to gain",
                "The layer has so few operations that starting it and rescaling its output takes longer than what"
                        + " integer products save.",
                "Nothing in quantization mends it; larger images or batches change the balance."),
        NO_FAST_PRODUCTS(
                "This processor has no fast products of 8-bit integers",
                "Without VNNI (x86) or dot-product instructions (ARM), a product of bytes takes three instructions"
                        + " where one does on newer processors, which is no less than floats take.",
                "Measure on the device that the network is for: 'limbeck measure' there, or as a device of 'limbeck"
                        + " run'."),
        OTHER(
                "The float kernel is simply better here",
                "ONNX Runtime's float kernels work on channels in blocks; the integer ones rearrange their input"
                        + " first.",
                "'limbeck tune' finds settings that may suit better.");

        private final String title;
        private final String text;
        private final String mend;

        Cause(String title, String text, String mend) {
            this.title = title;
            this.text = text;
            this.mend = mend;
        }
    }

    private final MachineState machine;
    private final Map<String, Long> macs;
    private final Map<Cause, List<LayerTime>> slow = new EnumMap<>(Cause.class);

    SlowLayers(MachineState machine, Map<String, Long> macs) {
        this.machine = machine;
        this.macs = macs;
    }

    boolean hasFastProducts() {
        return FAST_PRODUCTS.stream().anyMatch(machine.cpuFlags()::contains);
    }

    /** @param head the layer's first node; null for an input of the network */
    LayerTime explained(String layer, Node head, List<NodeTime> floats, List<NodeTime> integers) {
        double before = sum(floats.stream());
        double after = sum(integers.stream());
        String op = head == null ? "input" : head.op();
        boolean isSlower = after > before * (1 + NOISE_SHARE) + NOISE_MICROS;
        Cause cause = isSlower ? cause(layer, head, integers, after - before) : null;
        LayerTime time = new LayerTime(
                layer,
                op,
                before,
                after,
                floats,
                integers,
                isInteger(op, integers),
                cause == null ? null : cause.title);
        if (cause != null) {
            slow.computeIfAbsent(cause, c -> new ArrayList<>()).add(time);
        }
        return time;
    }

    private static Boolean isInteger(String op, List<NodeTime> integers) {
        if (integers.isEmpty() || op.equals("input")) {
            return null;
        }
        return integers.stream().noneMatch(node -> FLOAT_KERNELS.contains(node.op()))
                && integers.stream()
                        .anyMatch(node -> node.op().startsWith("QLinear")
                                || node.op().startsWith("QGemm")
                                || node.op().contains("Integer")
                                || node.op().equals("DynamicQuantizeMatMul"));
    }

    private Cause cause(String layer, Node head, List<NodeTime> integers, double lost) {
        if (integers.stream().anyMatch(node -> FLOAT_KERNELS.contains(node.op()))) {
            return Cause.FLOAT_KERNEL;
        }
        if (sum(integers.stream().filter(node -> PASSES.contains(node.op()) || LAYOUT.contains(node.op())))
                > lost / 2) {
            return Cause.PASSES;
        }
        boolean product = head != null && PRODUCTS.contains(head.op());
        if (product && sum(integers.stream().filter(node -> isActivation(node.op()))) > lost / 2) {
            return Cause.ACTIVATION;
        }
        if (!product) {
            return Cause.ELEMENTWISE;
        }
        if (head.integer("group", 1) > 1) {
            return Cause.DEPTHWISE;
        }
        if (macs.getOrDefault(layer, Long.MAX_VALUE) < FEW_MACS) {
            return Cause.SMALL;
        }
        return hasFastProducts() ? Cause.OTHER : Cause.NO_FAST_PRODUCTS;
    }

    private static boolean isActivation(String op) {
        return Set.of("QLinearLeakyRelu", "QLinearMul", "QLinearSigmoid", "LeakyRelu", "HardSigmoid", "Mul", "Clip")
                .contains(op);
    }

    private static double sum(Stream<NodeTime> nodes) {
        return nodes.mapToDouble(NodeTime::micros).sum();
    }

    /** The reason that costs most first. */
    List<Reason> reasons() {
        List<Reason> reasons = new ArrayList<>();
        slow.forEach((cause, layers) -> reasons.add(new Reason(
                cause.title,
                cause.text,
                cause.mend,
                layers.stream().map(LayerTime::layer).toList(),
                layers.stream()
                        .mapToDouble(layer -> layer.quantizedMicros() - layer.floatMicros())
                        .sum())));
        reasons.sort(Comparator.comparingDouble(Reason::lostMicros).reversed());
        return reasons;
    }
}
