package dev.limbeck.compress;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A convolution or matrix product whose weight is a product of two matrices of low rank.
 *
 * @param shape of the weight: [out, in, kernel height, kernel width], or that of the matrix
 * @param matrix the weight: [in * kernel height][out * kernel width] for the spatial scheme, [in][out * kernel] else
 * @param macs of the layer as it is
 * @param macsPerRank of the two layers that take its place
 */
record FactoredLayer(Node node, CompressScheme scheme, long[] shape, double[][] matrix, long macs, long macsPerRank) {

    private static final List<String> KERNEL = List.of("kernel_shape", "strides", "pads", "dilations");

    /** Empty where the node's weight is no constant of floats, or the scheme cannot split it: groups, one or three spatial axes. */
    static Optional<FactoredLayer> of(
            Graph graph, Node node, CompressScheme scheme, long macs, Map<String, ValueInfo> shapes) {
        TensorValue weight = graph.initializers().get(node.input(1));
        if (weight == null || weight.type() != ElementType.FLOAT) {
            return Optional.empty();
        }
        long[] shape = weight.shape();
        boolean convolution = node.op().equals("Conv") && shape.length == 4 && node.integer("group", 1) == 1;
        boolean product = scheme == CompressScheme.WEIGHT_SVD
                && shape.length == 2
                && (node.op().equals("MatMul") || node.op().equals("Gemm") && node.integer("transA", 0) == 0);
        if (!convolution && !product) {
            return Optional.empty();
        }
        long perRank = convolution
                ? convolutionPerRank(node, scheme, shape, shapes)
                : macs / (shape[0] * shape[1]) * (shape[0] + shape[1]);
        double[][] matrix = matrix(node, scheme, shape, weight.floats());
        return Optional.of(new FactoredLayer(node, scheme, shape, matrix, macs, perRank));
    }

    int maximumRank() {
        return Math.min(matrix.length, matrix[0].length);
    }

    /** The largest rank that costs no more than this share of the layer's operations, at least 1; whole where that saves nothing. */
    int rank(double ratio) {
        int rank = (int) Math.max(1, Math.min(maximumRank(), Math.floor(ratio * macs / macsPerRank)));
        return ratio >= 1 || rank * macsPerRank >= macs ? maximumRank() : rank;
    }

    /** @param read second moments of what the {@link #first} layer reads; without them all of it counts the same */
    SingularValues decomposed(Optional<NormalEquations> read) {
        if (read.isEmpty()) {
            return SingularValues.of(matrix);
        }
        double[][] moments = Arrays.stream(read.get().gram())
                .limit(matrix.length)
                .map(row -> Arrays.copyOf(row, matrix.length))
                .toArray(double[][]::new);
        // few samples say little of directions that they do not have
        double noise = (matrix.length + 1.0) / (read.get().samples() + 1.0);
        return SingularValues.weighted(matrix, moments, Math.max(1e-12, noise * LeastSquares.meanOfDiagonal(moments)));
    }

    /** Factors of the same sizes as singular values, which take long: the weight's first rows, each by itself. */
    SingularValues anyFactors() {
        int rank = maximumRank();
        double[][] left = new double[rank][matrix.length];
        double[] values = new double[rank];
        for (int r = 0; r < rank; r++) {
            left[r][r] = 1;
            values[r] = 1;
        }
        return new SingularValues(left, values, Arrays.copyOf(matrix, rank));
    }

    /**
     * Puts two layers in the node's place; the second has its bias and makes its output.
     *
     * @param values of the {@link #matrix}
     */
    void split(GraphEditor editor, SingularValues values, int rank) {
        String hidden = editor.unique(node.output(0) + ".rank");
        List<Node> pair = node.op().equals("Conv")
                ? convolutions(editor, values, rank, hidden)
                : products(editor, values, rank, hidden);
        editor.remove(node);
        pair.forEach(editor::add);
    }

    private List<Node> convolutions(GraphEditor editor, SingularValues values, int rank, String hidden) {
        boolean spatial = scheme == CompressScheme.SPATIAL_SVD;
        int out = (int) shape[0];
        int in = (int) shape[1];
        int height = (int) shape[2];
        int width = (int) shape[3];
        int inner = spatial ? width : height * width;
        float[] first = new float[rank * (spatial ? in * height : in)];
        float[] second = new float[out * rank * inner];
        for (int r = 0; r < rank; r++) {
            // the root of the singular value to both, so that both layers' weights are of like size
            double root = Math.sqrt(values.values()[r]);
            double[] left = values.left()[r];
            for (int i = 0; i < left.length; i++) {
                first[r * left.length + i] = (float) (root * left[i]);
            }
            double[] right = values.right()[r]; // [out * inner]
            for (int o = 0; o < out; o++) {
                for (int k = 0; k < inner; k++) {
                    second[(o * rank + r) * inner + k] = (float) (root * right[o * inner + k]);
                }
            }
        }
        String name = node.input(1);
        String firstWeight = editor.initializer(
                editor.unique(name + ".first"), TensorValue.ofFloats(first, rank, in, spatial ? height : 1, 1));
        String secondWeight = editor.initializer(
                editor.unique(name + ".second"), TensorValue.ofFloats(second, out, rank, spatial ? 1 : height, width));
        Node base = node.withInteger("group", 1);
        Node one = first().withName(editor.unique(node.output(0) + ".first"))
                .withInputs(List.of(node.input(0), firstWeight))
                .withOutputs(List.of(hidden));
        if (spatial) {
            base = along(base, 1);
        }
        return List.of(one, base.withInputs(inputs(hidden, secondWeight)));
    }

    /** The node's kernel along one axis only: 0 vertical, 1 horizontal. */
    private Node along(Node target, int axis) {
        Node out = target;
        for (String name : KERNEL) {
            long fallback = name.equals("pads") ? 0 : 1;
            long[] given = name.equals("kernel_shape")
                    ? new long[] {shape[2], shape[3]}
                    : node.integers(name, fallback, fallback, fallback, fallback);
            boolean automatic =
                    name.equals("pads") && !node.text("auto_pad", "NOTSET").equals("NOTSET");
            if (automatic) {
                continue;
            }
            long[] wanted = name.equals("pads") ? new long[4] : new long[] {fallback, fallback};
            for (int i = axis; i < wanted.length; i += 2) {
                wanted[i] = given[i];
            }
            out = out.withIntegers(name, wanted);
        }
        return node.attribute("auto_pad").isPresent() ? out.withText("auto_pad", node.text("auto_pad", "")) : out;
    }

    /** The layer of the first factor: the rows of the matrix are multiplied by what it reads. */
    Node first() {
        Node first = Node.of(node.op(), node.output(0) + ".first", node.inputs(), node.outputs());
        if (!node.op().equals("Conv")) {
            return first;
        }
        return scheme == CompressScheme.SPATIAL_SVD ? along(first, 0) : first.withIntegers("kernel_shape", 1, 1);
    }

    /** Height and width of its kernel; empty for a matrix product. */
    long[] firstKernel() {
        if (!node.op().equals("Conv")) {
            return new long[0];
        }
        return new long[] {scheme == CompressScheme.SPATIAL_SVD ? shape[2] : 1, 1};
    }

    /** What the layer reads of these tensors: of a matrix product as many items as it has rows. */
    FloatTensor read(Map<String, FloatTensor> tensors) {
        FloatTensor input = tensors.get(node.input(0));
        int width = matrix.length;
        return node.op().equals("Conv") || input.shape().length == 2
                ? input
                : new FloatTensor(input.data(), input.data().length / width, width);
    }

    private List<Node> products(GraphEditor editor, SingularValues values, int rank, String hidden) {
        double[][] left = values.left();
        double[][] right = values.right();
        int in = left[0].length;
        int out = right[0].length;
        float[] first = new float[in * rank];
        float[] second = new float[rank * out];
        for (int r = 0; r < rank; r++) {
            double root = Math.sqrt(values.values()[r]);
            for (int i = 0; i < in; i++) {
                first[i * rank + r] = (float) (root * left[r][i]);
            }
            for (int o = 0; o < out; o++) {
                second[r * out + o] = (float) (root * right[r][o]);
            }
        }
        String name = node.input(1);
        String firstWeight = editor.initializer(editor.unique(name + ".first"), TensorValue.ofFloats(first, in, rank));
        String secondWeight =
                editor.initializer(editor.unique(name + ".second"), TensorValue.ofFloats(second, rank, out));
        String firstName = editor.unique(node.output(0) + ".first");
        Node last = node.withInputs(inputs(hidden, secondWeight));
        return List.of(
                Node.of(node.op(), firstName, List.of(node.input(0), firstWeight), List.of(hidden)),
                node.op().equals("Gemm") ? last.withInteger("transB", 0) : last);
    }

    private List<String> inputs(String hidden, String weight) {
        List<String> inputs = new ArrayList<>(node.inputs());
        inputs.set(0, hidden);
        inputs.set(1, weight);
        return inputs;
    }

    private static long convolutionPerRank(
            Node node, CompressScheme scheme, long[] shape, Map<String, ValueInfo> shapes) {
        long[] in = shapes.get(node.input(0)).shape();
        long[] out = shapes.get(node.output(0)).shape();
        long batch = out[0];
        long second = shape[0] * out[2] * out[3] * shape[3];
        return batch
                * (scheme == CompressScheme.SPATIAL_SVD
                        ? shape[1] * shape[2] * out[2] * in[3] + second
                        : shape[1] * in[2] * in[3] + second * shape[2]);
    }

    private static double[][] matrix(Node node, CompressScheme scheme, long[] shape, float[] weight) {
        if (shape.length == 2) {
            boolean turned = node.integer("transB", 0) == 1;
            int in = (int) shape[turned ? 1 : 0];
            int out = (int) shape[turned ? 0 : 1];
            double[][] matrix = new double[in][out];
            for (int i = 0; i < in; i++) {
                for (int o = 0; o < out; o++) {
                    matrix[i][o] = weight[turned ? o * in + i : i * out + o];
                }
            }
            return matrix;
        }
        int out = (int) shape[0];
        int in = (int) shape[1];
        boolean spatial = scheme == CompressScheme.SPATIAL_SVD;
        int rows = spatial ? (int) shape[2] : 1;
        int columns = (int) (spatial ? shape[3] : shape[2] * shape[3]);
        double[][] matrix = new double[in * rows][out * columns];
        int position = 0;
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in * rows; i++) {
                for (int k = 0; k < columns; k++) {
                    matrix[i][o * columns + k] = weight[position++];
                }
            }
        }
        return matrix;
    }
}
