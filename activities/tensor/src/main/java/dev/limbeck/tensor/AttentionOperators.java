package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Attention of operator set 23: softmax(scale * q * k' + mask) * v (Vaswani et al. 2017, "Attention is all you need"). */
final class AttentionOperators {

    private AttentionOperators() {}

    static void register(Operators table) {
        table.add("Attention", AttentionOperators::attention);
    }

    // query: [n, heads, queries, size] or [n, queries, heads * size]; key and value alike, perhaps with fewer heads
    private static Operation attention(NodeContext c) {
        Node node = c.node();
        c.require(!node.hasInput(4) && !node.hasInput(5), "past keys and values are not supported");
        c.require(
                node.output(1).isEmpty()
                        && node.output(2).isEmpty()
                        && node.output(3).isEmpty(),
                "outputs behind the first are not supported");
        c.require(node.number("softcap", 0) == 0, "softcap is not supported");
        boolean causal = node.integer("is_causal", 0) == 1;
        long heads = node.integer("q_num_heads", 0);
        long keyHeads = node.integer("kv_num_heads", heads);
        double given = node.number("scale", 0);
        return f -> {
            boolean flat = f.in(0).dim() == 3;
            Tensor q = flat ? byHeads(f.in(0), heads) : f.in(0);
            Tensor k = flat ? byHeads(f.in(1), keyHeads) : f.in(1);
            Tensor v = flat ? byHeads(f.in(2), keyHeads) : f.in(2);
            double scale = given == 0 ? 1 / Math.sqrt(q.size(3)) : given;
            long shared = q.size(1) / k.size(1);
            Tensor scores =
                    torch.matmul(q.mul(new Scalar(scale)), repeated(k, shared).transpose(-2, -1));
            if (f.has(3)) {
                scores = masked(scores, f.in(3));
            }
            if (causal) {
                long[] shape = {scores.size(2), scores.size(3)};
                scores = masked(
                        scores,
                        Native.like(torch.tril(torch.ones(shape)), scores).to(ScalarType.Bool));
            }
            Tensor y = torch.matmul(torch.softmax(scores, -1), repeated(v, shared));
            f.out(flat ? y.transpose(1, 2).reshape(y.size(0), y.size(2), y.size(1) * y.size(3)) : y);
        };
    }

    private static Tensor byHeads(Tensor x, long heads) {
        return x.reshape(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }

    /** Heads of keys and values serve several neighbouring heads of queries. */
    private static Tensor repeated(Tensor x, long times) {
        return times == 1 ? x : torch.repeat_interleave(x, times, new LongOptional(1), new LongOptional());
    }

    /** A mask of booleans says what counts; one of floats is added. */
    private static Tensor masked(Tensor scores, Tensor mask) {
        return Native.isFloat(mask)
                ? scores.add(mask)
                : torch.where(mask, scores, new Scalar(Double.NEGATIVE_INFINITY));
    }
}
