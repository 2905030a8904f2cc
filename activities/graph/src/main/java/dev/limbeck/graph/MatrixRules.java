package dev.limbeck.graph;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Rules of matrix products and recurrent layers. */
final class MatrixRules {

    // Dimensions that '...' stands for in an equation, whose own are letters; the last is 1.
    private static final String ELLIPSIS = "987654321";

    private MatrixRules() {}

    static void addTo(Map<String, ShapeRule> rules) {
        rules.put("Gemm", op -> op.output(0, op.type(0), gemm(op, 1)));
        rules.put("com.microsoft.FusedGemm", op -> op.output(0, op.type(0), gemm(op, 1)));
        rules.put("com.microsoft.QGemm", op -> op.output(0, op.has(8) ? op.type(8) : ElementType.FLOAT, gemm(op, 3)));
        rules.put("MatMul", op -> op.output(0, op.type(0), matMul(op, 1)));
        rules.put("com.microsoft.FusedMatMul", MatrixRules::fusedMatMul);
        rules.put("MatMulInteger", op -> op.output(0, ElementType.INT32, matMul(op, 1)));
        rules.put("com.microsoft.MatMulIntegerToFloat", op -> op.output(0, op.type(2), matMul(op, 1)));
        rules.put("com.microsoft.DynamicQuantizeMatMul", op -> op.output(0, op.type(0), matMul(op, 1)));
        rules.put("com.microsoft.MatMulNBits", MatrixRules::matMulNBits);
        rules.put("QLinearMatMul", op -> op.output(0, op.type(7), matMul(op, 3)));
        rules.put("Einsum", MatrixRules::einsum);
        rules.put("Attention", MatrixRules::attention);
        rules.put("LSTM", op -> recurrent(op, true));
        rules.put("GRU", op -> recurrent(op, false));
        rules.put("RNN", op -> recurrent(op, false));
    }

    private static long[] gemm(OpContext op, int second) {
        long[] left = op.shape(0);
        long[] right = op.shape(second);
        if (left.length != 2 || right.length != 2) {
            throw op.mismatch();
        }
        boolean transposedLeft = op.node().integer("transA", 0) != 0;
        boolean transposedRight = op.node().integer("transB", 0) != 0;
        long found = left[transposedLeft ? 0 : 1];
        long expected = right[transposedRight ? 1 : 0];
        if (found != expected) {
            throw op.misfit(second, expected, found);
        }
        return new long[] {left[transposedLeft ? 1 : 0], right[transposedRight ? 0 : 1]};
    }

    private static long[] matMul(OpContext op, int second) {
        return product(op, op.shape(0), op.shape(second), second);
    }

    private static void matMulNBits(OpContext op) {
        long[] out = op.shape(0).clone();
        if (out.length == 0 || out[out.length - 1] != op.node().integer("K", 0)) {
            throw op.mismatch();
        }
        out[out.length - 1] = op.node().integer("N", 0);
        op.output(0, op.type(0), out);
    }

    private static void fusedMatMul(OpContext op) {
        long[] left = op.shape(0);
        long[] right = op.shape(1);
        op.output(
                0,
                op.type(0),
                product(
                        op,
                        op.node().integer("transA", 0) != 0 ? swapped(left) : left,
                        op.node().integer("transB", 0) != 0 ? swapped(right) : right,
                        1));
    }

    private static long[] swapped(long[] shape) {
        long[] swapped = shape.clone();
        swapped[shape.length - 1] = shape[shape.length - 2];
        swapped[shape.length - 2] = shape[shape.length - 1];
        return swapped;
    }

    /** numpy.matmul: vectors gain a dimension of 1 that the result loses again; leading dimensions broadcast. */
    private static long[] product(OpContext op, long[] left, long[] right, int second) {
        if (left.length == 0 || right.length == 0) {
            throw op.mismatch();
        }
        boolean vectorLeft = left.length == 1;
        boolean vectorRight = right.length == 1;
        long[] a = vectorLeft ? new long[] {1, left[0]} : left;
        long[] b = vectorRight ? new long[] {right[0], 1} : right;
        if (a[a.length - 1] != b[b.length - 2]) {
            throw op.misfit(second, b[b.length - 2], a[a.length - 1]);
        }
        long[] lead = ElementwiseRules.broadcast(op, Arrays.copyOf(a, a.length - 2), Arrays.copyOf(b, b.length - 2));
        int rank = lead.length + (vectorLeft ? 0 : 1) + (vectorRight ? 0 : 1);
        long[] out = Arrays.copyOf(lead, rank);
        if (!vectorLeft) {
            out[lead.length] = a[a.length - 2];
        }
        if (!vectorRight) {
            out[rank - 1] = b[b.length - 1];
        }
        return out;
    }

    private static void einsum(OpContext op) {
        String equation = op.node().text("equation", "").replace(" ", "");
        int arrow = equation.indexOf("->");
        String[] terms = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
        if (terms.length != op.inputs()) {
            throw op.mismatch();
        }
        Map<Character, Long> sizes = new HashMap<>();
        Map<Character, Integer> uses = new TreeMap<>();
        int ellipsis = 0;
        for (int i = 0; i < terms.length; i++) {
            long[] shape = op.shape(i);
            int hidden = terms[i].contains("...") ? shape.length - terms[i].length() + 3 : 0;
            String term = named(op, terms[i], hidden);
            ellipsis = Math.max(ellipsis, hidden);
            if (term.length() != shape.length) {
                throw op.mismatch();
            }
            for (int j = 0; j < shape.length; j++) {
                char letter = term.charAt(j);
                long size = shape[j];
                long other = sizes.getOrDefault(letter, size);
                if (other != size && other != 1 && size != 1) {
                    throw op.mismatch();
                }
                sizes.put(letter, Math.max(other, size));
                uses.merge(letter, 1, Integer::sum);
            }
        }
        String result = arrow >= 0 ? named(op, equation.substring(arrow + 2), ellipsis) : once(uses, ellipsis);
        op.output(
                0,
                op.type(0),
                result.chars().mapToLong(c -> sizes.get((char) c)).toArray());
    }

    private static String named(OpContext op, String term, int hidden) {
        if (hidden < 0 || hidden > ELLIPSIS.length()) {
            throw op.mismatch();
        }
        return term.replace("...", ELLIPSIS.substring(ELLIPSIS.length() - hidden));
    }

    /** Without an arrow: what '...' stands for, then the letters that occur once, in alphabetical order. */
    private static String once(Map<Character, Integer> uses, int ellipsis) {
        StringBuilder result = new StringBuilder(ELLIPSIS.substring(ELLIPSIS.length() - ellipsis));
        uses.forEach(
                (letter, count) -> result.append(count == 1 && Character.isLetter(letter) ? letter.toString() : ""));
        return result.toString();
    }

    private static void attention(OpContext op) {
        long[] query = op.shape(0); // [batch, heads, queries, size], or [batch, queries, heads * size]
        long[] value = op.shape(2);
        if (query.length != value.length || query.length < 3 || query.length > 4) {
            throw op.mismatch();
        }
        long heads = op.node().integer("q_num_heads", 1);
        long valueHeads = op.node().integer("kv_num_heads", heads);
        long[] out = query.clone();
        out[out.length - 1] = out.length == 4 ? value[3] : heads * (value[2] / valueHeads);
        op.output(0, op.type(0), out);
    }

    private static void recurrent(OpContext op, boolean cell) {
        long[] in = op.shape(0); // [steps, batch, inputs], or [batch, steps, inputs] with layout 1
        long directions = op.node().text("direction", "forward").equals("bidirectional") ? 2 : 1;
        long hidden = op.node().integer("hidden_size", op.shape(2)[2]);
        boolean batchFirst = op.node().integer("layout", 0) == 1;
        if (batchFirst) {
            op.output(0, op.type(0), in[0], in[1], directions, hidden);
        } else {
            op.output(0, op.type(0), in[0], directions, in[1], hidden);
        }
        long[] state = batchFirst ? new long[] {in[0], directions, hidden} : new long[] {directions, in[1], hidden};
        op.output(1, op.type(0), state);
        if (cell) {
            op.output(2, op.type(0), state);
        }
    }
}
