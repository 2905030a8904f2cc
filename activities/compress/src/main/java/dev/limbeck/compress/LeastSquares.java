package dev.limbeck.compress;

/** Solves normal equations, and finds which variables matter. */
final class LeastSquares {

    /** Of the mean of the diagonal: what keeps variables that are sums of others from growing without bound. */
    private static final double RIDGE = 1e-6;

    private static final int PASSES = 60;
    private static final int HALVINGS = 40;

    private LeastSquares() {}

    /**
     * X with (A + ridge) X = B by Cholesky's decomposition.
     *
     * @param matrix [n][n], symmetric, not negative
     * @param right [n][m]
     * @return [n][m]
     */
    static double[][] solve(double[][] matrix, double[][] right) {
        int n = matrix.length;
        double[][] lower = factor(matrix, Math.max(RIDGE * meanOfDiagonal(matrix), 1e-12));
        double[][] x = new double[n][];
        for (int i = 0; i < n; i++) {
            x[i] = right[i].clone();
            for (int k = 0; k < i; k++) {
                subtract(x[i], lower[i][k], x[k]);
            }
            divide(x[i], lower[i][i]);
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                subtract(x[i], lower[k][i], x[k]);
            }
            divide(x[i], lower[i][i]);
        }
        return x;
    }

    static double meanOfDiagonal(double[][] matrix) {
        double trace = 0;
        for (int i = 0; i < matrix.length; i++) {
            trace += matrix[i][i];
        }
        return trace / matrix.length;
    }

    /** The lower triangle L of Cholesky's decomposition: L L^T = A + ridge. */
    static double[][] factor(double[][] matrix, double ridge) {
        int n = matrix.length;
        double[][] lower = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = matrix[i][j] + (i == j ? ridge : 0);
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                lower[i][j] = i == j ? Math.sqrt(Math.max(sum, ridge)) : sum / lower[j][j];
            }
        }
        return lower;
    }

    /**
     * The variables that LASSO leaves where the penalty is just large enough for at most so many: minimise b^T G b / 2 - t^T b + penalty |b|.
     *
     * @param gram [n][n]
     * @param target [n]
     * @return coefficients, 0 for variables that are left out
     */
    static double[] lasso(double[][] gram, double[] target, int wanted) {
        double high = 0;
        for (double value : target) {
            high = Math.max(high, Math.abs(value));
        }
        double low = 0;
        double[] best = new double[target.length];
        for (int i = 0; i < HALVINGS; i++) {
            double penalty = (low + high) / 2;
            double[] found = descend(gram, target, penalty);
            int left = 0;
            for (double value : found) {
                left += value != 0 ? 1 : 0;
            }
            if (left > wanted) {
                low = penalty;
            } else {
                high = penalty;
                best = found;
            }
            if (left == wanted) {
                break;
            }
        }
        return best;
    }

    /** Coordinate descent (Friedman, Hastie and Tibshirani 2010). */
    private static double[] descend(double[][] gram, double[] target, double penalty) {
        double[] b = new double[target.length];
        double[] rest = target.clone(); // t - G b
        for (int pass = 0; pass < PASSES; pass++) {
            double largest = 0;
            for (int i = 0; i < b.length; i++) {
                if (gram[i][i] <= 0) {
                    continue;
                }
                double value = rest[i] + gram[i][i] * b[i];
                double next = Math.signum(value) * Math.max(0, Math.abs(value) - penalty) / gram[i][i];
                double change = next - b[i];
                if (change != 0) {
                    b[i] = next;
                    subtract(rest, change, gram[i]);
                    largest = Math.max(largest, Math.abs(change));
                }
            }
            if (largest < 1e-6) {
                break;
            }
        }
        return b;
    }

    static void subtract(double[] from, double factor, double[] values) {
        for (int j = 0; j < from.length; j++) {
            from[j] -= factor * values[j];
        }
    }

    private static void divide(double[] values, double divisor) {
        for (int j = 0; j < values.length; j++) {
            values[j] /= divisor;
        }
    }
}
