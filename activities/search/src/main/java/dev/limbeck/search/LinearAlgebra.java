package dev.limbeck.search;

/** The few operations on small dense matrices that a regression needs. */
final class LinearAlgebra {

    private LinearAlgebra() {}

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double[] multiply(double[][] matrix, double[] vector) {
        double[] out = new double[matrix.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = dot(matrix[i], vector);
        }
        return out;
    }

    /** Gauss-Jordan elimination with partial pivoting; the matrix is not changed. */
    static double[][] inverse(double[][] matrix) {
        int size = matrix.length;
        double[][] work = new double[size][2 * size];
        for (int i = 0; i < size; i++) {
            System.arraycopy(matrix[i], 0, work[i], 0, size);
            work[i][size + i] = 1;
        }
        for (int column = 0; column < size; column++) {
            int pivot = column;
            for (int row = column + 1; row < size; row++) {
                if (Math.abs(work[row][column]) > Math.abs(work[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swapped = work[column];
            work[column] = work[pivot];
            work[pivot] = swapped;
            double divisor = work[column][column];
            if (divisor == 0) {
                throw new ArithmeticException("the matrix is singular");
            }
            for (int j = 0; j < 2 * size; j++) {
                work[column][j] /= divisor;
            }
            for (int row = 0; row < size; row++) {
                double factor = work[row][column];
                if (row == column || factor == 0) {
                    continue;
                }
                for (int j = 0; j < 2 * size; j++) {
                    work[row][j] -= factor * work[column][j];
                }
            }
        }
        double[][] inverse = new double[size][];
        for (int i = 0; i < size; i++) {
            inverse[i] = java.util.Arrays.copyOfRange(work[i], size, 2 * size);
        }
        return inverse;
    }
}
