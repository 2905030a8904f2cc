package dev.limbeck.quantize;

import dev.limbeck.graph.Node;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Chooses the grid of every quantized activation from its range. */
final class ActivationEncodings {

    private ActivationEncodings() {}

    /** @param ranges of the tensors that the plan wants calibrated */
    static Map<String, Encoding> choose(QuantizationPlan plan, Map<String, ValueRange> ranges) {
        Map<String, Encoding> encodings = new LinkedHashMap<>();
        for (String tensor : plan.quantized()) {
            String root = plan.root(tensor);
            if (!root.equals(tensor)) {
                encodings.put(tensor, encodings.get(root));
                continue;
            }
            ValueRange range = plan.fixedRange(tensor).orElseGet(() -> plan.constrained(tensor, ranges.get(tensor)));
            Optional<Node> gate = plan.gateOf(tensor);
            Encoding encoding = gate.isPresent()
                    ? beforeHardActivation(gate.get(), range, plan.format(tensor))
                    : Encoding.of(range, plan.format(tensor));
            encodings.put(tensor, encoding);
        }
        for (Map.Entry<String, Node> entry : plan.hardSigmoids().entrySet()) {
            Encoding input = encodings.get(entry.getValue().input(0));
            encodings.put(entry.getKey(), gate(entry.getValue(), input));
        }
        return encodings;
    }

    /**
     * A grid that starts at the largest input for which the hard sigmoid is 0: its lower bound is then the grid's, and the shift is
     * a whole number of steps, the zero point. All inputs below give 0 as well, so nothing is lost.
     */
    private static Encoding beforeHardActivation(Node node, ValueRange range, NumberFormat format) {
        OperatorKind.HardSigmoid hard = OperatorKind.hardSigmoid(node).orElseThrow();
        int steps = format.highest();
        boolean bounded = node.op().equals("HardSigmoid");
        double high = bounded ? hard.high() : Math.max(range.usable().max(), hard.high() / steps);
        double zeroPoint = steps * -hard.low() / (high - hard.low());
        // rounding down makes steps longer and covers the whole range; a hard sigmoid may as well saturate a little
        // early
        int whole = (int) Math.max(1, bounded ? Math.rint(zeroPoint) : Math.floor(zeroPoint));
        return Encoding.perTensor(format, (float) (-hard.low() / whole), whole);
    }

    /** The same stored integers read as the values of the hard sigmoid (of a hard swish: before its upper bound). */
    static Encoding gate(Node node, Encoding input) {
        OperatorKind.HardSigmoid hard = OperatorKind.hardSigmoid(node).orElseThrow();
        return Encoding.perTensor(input.format(), (float) (input.scale()[0] * hard.slope()), 0);
    }
}
