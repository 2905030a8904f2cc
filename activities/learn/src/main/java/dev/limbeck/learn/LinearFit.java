package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;

/**
 * Ridge regression from the channels of one tensor to those of another, position by position.
 *
 * @param weights [out][in]
 * @param deviations [out]: standard deviation of what the weights give
 * @param means [out]: of the target
 */
record LinearFit(double[][] weights, double[] deviations, double[] means) {

    /** Penalty as a share of the mean variance of the features. */
    private static final double RIDGE = 1e-3;

    /**
     * @param features [items, in, height, width]
     * @param target [items, out, height, width]
     * @param samples about how many positions are used
     */
    static LinearFit of(FloatTensor features, FloatTensor target, int samples) {
        int in = ChannelMoments.channels(features);
        int out = ChannelMoments.channels(target);
        double[][] covariance = new double[in][in];
        double[][] cross = new double[in][out];
        double[] featureMean = ChannelMoments.of(features).mean();
        double[] targetMean = ChannelMoments.of(target).mean();
        int positions = features.batch() * ChannelMoments.inner(features);
        int stride = Math.max(1, positions / samples);
        int count = 0;
        double[] x = new double[in];
        double[] y = new double[out];
        for (int position = 0; position < positions; position += stride) {
            read(features, position, featureMean, x);
            read(target, position, targetMean, y);
            for (int i = 0; i < in; i++) {
                double xi = x[i];
                double[] row = covariance[i];
                for (int j = 0; j <= i; j++) {
                    row[j] += xi * x[j];
                }
                double[] crossRow = cross[i];
                for (int o = 0; o < out; o++) {
                    crossRow[o] += xi * y[o];
                }
            }
            count++;
        }
        scale(covariance, 1.0 / count);
        scale(cross, 1.0 / count);
        double[][] weights = solve(covariance, cross);
        return new LinearFit(weights, deviations(weights, covariance), targetMean);
    }

    private static void read(FloatTensor tensor, int position, double[] mean, double[] into) {
        int inner = ChannelMoments.inner(tensor);
        int start = position / inner * tensor.itemSize() + position % inner;
        for (int c = 0; c < into.length; c++) {
            into[c] = tensor.data()[start + c * inner] - mean[c];
        }
    }

    /** (covariance + ridge) W^T = cross by Cholesky's decomposition; only the lower half of the covariance is read. */
    private static double[][] solve(double[][] covariance, double[][] cross) {
        int in = covariance.length;
        int out = cross[0].length;
        double trace = 0;
        for (int i = 0; i < in; i++) {
            trace += covariance[i][i];
        }
        double ridge = Math.max(RIDGE * trace / in, 1e-12);
        double[][] lower = new double[in][in];
        for (int i = 0; i < in; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = covariance[i][j] + (i == j ? ridge : 0);
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
            }
        }
        double[][] weights = new double[out][in];
        for (int o = 0; o < out; o++) {
            double[] w = weights[o];
            for (int i = 0; i < in; i++) {
                double sum = cross[i][o];
                for (int k = 0; k < i; k++) {
                    sum -= lower[i][k] * w[k];
                }
                w[i] = sum / lower[i][i];
            }
            for (int i = in - 1; i >= 0; i--) {
                double sum = w[i];
                for (int k = i + 1; k < in; k++) {
                    sum -= lower[k][i] * w[k];
                }
                w[i] = sum / lower[i][i];
            }
        }
        return weights;
    }

    /** sqrt(w C w^T) of each row. */
    private static double[] deviations(double[][] weights, double[][] covariance) {
        double[] deviations = new double[weights.length];
        for (int o = 0; o < weights.length; o++) {
            double[] w = weights[o];
            double variance = 0;
            for (int i = 0; i < w.length; i++) {
                for (int j = 0; j <= i; j++) {
                    variance += (i == j ? 1 : 2) * w[i] * w[j] * covariance[i][j];
                }
            }
            deviations[o] = Math.sqrt(Math.max(0, variance));
        }
        return deviations;
    }

    private static void scale(double[][] matrix, double factor) {
        for (double[] row : matrix) {
            for (int i = 0; i < row.length; i++) {
                row[i] *= factor;
            }
        }
    }
}
