package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Gemm, MatMul and Einsum. */
final class MatrixOperators {

    private MatrixOperators() {}

    static void register(Operators table) {
        table.add("Gemm", MatrixOperators::gemm)
                .add("MatMul", MatrixOperators::matMul)
                .add("Einsum", MatrixOperators::einsum);
    }

    // y = alpha * a' * b' + beta * c
    private static Operation gemm(NodeContext c) {
        Node node = c.node();
        c.weight(0);
        c.weight(1);
        c.bias(2);
        double alpha = node.number("alpha", 1f);
        double beta = node.number("beta", 1f);
        boolean transposeA = node.integer("transA", 0) == 1;
        boolean transposeB = node.integer("transB", 0) == 1;
        return f -> {
            Tensor a = transposeA ? f.in(0).t() : f.in(0);
            Tensor b = transposeB ? f.in(1).t() : f.in(1);
            if (f.has(2)) {
                f.out(torch.addmm(f.in(2), a, b, new Scalar(beta), new Scalar(alpha)));
                return;
            }
            Tensor product = torch.matmul(a, b);
            f.out(alpha == 1 ? product : product.mul(new Scalar(alpha)));
        };
    }

    private static Operation matMul(NodeContext c) {
        c.weightIfFloat(0);
        c.weightIfFloat(1);
        return f -> f.out(torch.matmul(f.in(0), f.in(1)));
    }

    private static Operation einsum(NodeContext c) {
        String equation = c.node().text("equation", "");
        for (int i = 0; i < c.node().inputs().size(); i++) {
            c.weightIfFloat(i);
        }
        return f -> {
            Tensor[] operands = new Tensor[f.inputCount()];
            for (int i = 0; i < operands.length; i++) {
                operands[i] = f.in(i);
            }
            f.out(torch.einsum(equation, new TensorVector(operands)));
        };
    }
}
