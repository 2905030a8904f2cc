package dev.limbeck.compress;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A matrix as sum over k of values[k] * left[k] right[k]^T, largest values first.
 *
 * @param left [rank][rows], orthonormal; where the sum is weighted, of length one
 * @param values [rank]
 * @param right [rank][columns], orthonormal
 */
record SingularValues(double[][] left, double[] values, double[][] right) {

    private static final int SWEEPS = 60;
    private static final double TOLERANCE = 1e-12;

    /**
     * By one-sided Jacobi rotations (Hestenes 1958): vectors of the shorter side are rotated in pairs until all are orthogonal.
     *
     * @param matrix [rows][columns]
     */
    static SingularValues of(double[][] matrix) {
        if (matrix.length > matrix[0].length) {
            SingularValues turned = of(transposed(matrix));
            return new SingularValues(turned.right, turned.values, turned.left);
        }
        double[][] vectors = IntStream.range(0, matrix.length)
                .mapToObj(i -> matrix[i].clone())
                .toArray(double[][]::new);
        double[][] rotations = new double[vectors.length][vectors.length];
        for (int i = 0; i < vectors.length; i++) {
            rotations[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS && sweep(vectors, rotations); sweep++) {}
        return sorted(vectors, rotations);
    }

    /**
     * As {@link #of}, such that x^T matrix comes nearest for what x is, and not for any x: the decomposition of L^T matrix, where
     * L L^T are the second moments, taken back by L (Zhang et al. 2016, of what goes in instead of what comes out).
     *
     * @param moments [rows][rows]: sums of x x^T
     * @param ridge added to their diagonal, above 0
     */
    static SingularValues weighted(double[][] matrix, double[][] moments, double ridge) {
        double[][] lower = LeastSquares.factor(moments, ridge);
        int rows = matrix.length;
        double[][] product = new double[rows][matrix[0].length];
        for (int i = 0; i < rows; i++) {
            for (int k = i; k < rows; k++) {
                LeastSquares.subtract(product[i], -lower[k][i], matrix[k]);
            }
        }
        SingularValues whitened = of(product);
        double[] values = new double[whitened.values.length];
        double[][] left = new double[values.length][];
        for (int k = 0; k < values.length; k++) {
            double[] x = whitened.left[k].clone();
            for (int i = rows - 1; i >= 0; i--) {
                x[i] /= lower[i][i];
                for (int j = 0; j < i; j++) {
                    x[j] -= lower[i][j] * x[i];
                }
            }
            double length = Math.sqrt(dot(x, x));
            values[k] = whitened.values[k] * length;
            left[k] = Arrays.stream(x).map(value -> value / length).toArray();
        }
        return new SingularValues(left, values, whitened.right);
    }

    /** @return whether anything was rotated */
    private static boolean sweep(double[][] vectors, double[][] rotations) {
        boolean rotated = false;
        for (int i = 0; i < vectors.length; i++) {
            for (int j = i + 1; j < vectors.length; j++) {
                double first = dot(vectors[i], vectors[i]);
                double second = dot(vectors[j], vectors[j]);
                double product = dot(vectors[i], vectors[j]);
                if (Math.abs(product) <= TOLERANCE * Math.sqrt(first * second)) {
                    continue;
                }
                rotated = true;
                double zeta = (second - first) / (2 * product);
                double tangent = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
                double cosine = 1 / Math.sqrt(1 + tangent * tangent);
                rotate(vectors[i], vectors[j], cosine, cosine * tangent);
                rotate(rotations[i], rotations[j], cosine, cosine * tangent);
            }
        }
        return rotated;
    }

    private static void rotate(double[] x, double[] y, double cosine, double sine) {
        for (int k = 0; k < x.length; k++) {
            double old = x[k];
            x[k] = cosine * old - sine * y[k];
            y[k] = sine * old + cosine * y[k];
        }
    }

    private static SingularValues sorted(double[][] vectors, double[][] rotations) {
        int rank = vectors.length;
        double[] lengths = new double[rank];
        for (int k = 0; k < rank; k++) {
            lengths[k] = Math.sqrt(dot(vectors[k], vectors[k]));
        }
        int[] order = IntStream.range(0, rank)
                .boxed()
                .sorted(Comparator.comparingDouble(k -> -lengths[k]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[][] left = new double[rank][];
        double[] values = new double[rank];
        double[][] right = new double[rank][];
        for (int k = 0; k < rank; k++) {
            left[k] = rotations[order[k]];
            values[k] = lengths[order[k]];
            right[k] = vectors[order[k]];
            for (int c = 0; values[k] > 0 && c < right[k].length; c++) {
                right[k][c] /= values[k];
            }
        }
        return new SingularValues(left, values, right);
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int k = 0; k < x.length; k++) {
            sum += x[k] * y[k];
        }
        return sum;
    }

    private static double[][] transposed(double[][] matrix) {
        double[][] out = new double[matrix[0].length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < out.length; j++) {
                out[j][i] = matrix[i][j];
            }
        }
        return out;
    }
}
