package dev.limbeck.search;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * A table of latencies by block, learned from whole networks that were measured; plain data.
 *
 * <p>It gives the latency of networks that were not measured, and with {@link ExactFront} the front of the whole space to hold a
 * search against.
 *
 * @param networks number of networks it was learned from
 * @param meanAbsolutePercentageError of networks that were held out, one after another; 0.05 for 5 %
 * @param kendallTau between held-out estimates and measurements
 */
public record LatencyFit(LatencyTable table, int networks, double meanAbsolutePercentageError, double kendallTau) {

    static final int FEWEST_NETWORKS = 4;
    private static final double[] PENALTIES = {1e-4, 1e-3, 0.01, 0.1, 1, 10};

    /** One measured network. */
    public record Measured(Architecture architecture, double millis) {}

    /**
     * Fits, in milliseconds, {@code fixed + slope * MACs + sum over the blocks of its choice's own part}: fixed and slope are free, the
     * parts are shrunk towards 0 by a ridge whose penalty has the smallest leave-one-out error.
     *
     * @param measured at least 4 networks
     * @param macs of each block's choices
     */
    public static LatencyFit of(List<Measured> measured, List<List<Long>> macs) {
        if (measured.size() < FEWEST_NETWORKS) {
            throw new BadInputException("latencies by block need at least " + FEWEST_NETWORKS
                    + " measured networks, but there are " + measured.size() + "; raise search.population");
        }
        double[][] rows =
                measured.stream().map(m -> row(m.architecture(), macs)).toArray(double[][]::new);
        double[] millis = measured.stream().mapToDouble(Measured::millis).toArray();
        Solution best = null;
        for (double penalty : PENALTIES) {
            Solution solution = solve(rows, millis, penalty);
            if (best == null || solution.error < best.error) {
                best = solution;
            }
        }
        return new LatencyFit(
                table(best.coefficients, macs), measured.size(), best.error, KendallTau.of(best.heldOut, millis));
    }

    private record Solution(double[] coefficients, double[] heldOut, double error) {}

    // Columns: 1, MACs in millions, then one for each choice of each block, 1 where the network has it.
    private static double[] row(Architecture architecture, List<List<Long>> macs) {
        int columns = 2 + macs.stream().mapToInt(List::size).sum();
        double[] row = new double[columns];
        row[0] = 1;
        int start = 2;
        for (int b = 0; b < macs.size(); b++) {
            int choice = architecture.choices().get(b);
            row[1] += macs.get(b).get(choice) / 1e6;
            row[start + choice] = 1;
            start += macs.get(b).size();
        }
        return row;
    }

    private static Solution solve(double[][] rows, double[] millis, double penalty) {
        int columns = rows[0].length;
        double[][] normal = new double[columns][columns];
        double[] moments = new double[columns];
        for (int i = 0; i < rows.length; i++) {
            for (int a = 0; a < columns; a++) {
                moments[a] += rows[i][a] * millis[i];
                for (int b = 0; b < columns && rows[i][a] != 0; b++) {
                    normal[a][b] += rows[i][a] * rows[i][b];
                }
            }
        }
        // All networks may have the same MACs.
        normal[1][1] += 1e-9 * rows.length;
        for (int j = 2; j < columns; j++) {
            normal[j][j] += penalty * rows.length;
        }
        double[][] inverse = LinearAlgebra.inverse(normal);
        double[] coefficients = LinearAlgebra.multiply(inverse, moments);
        double[] heldOut = new double[rows.length];
        double error = 0;
        for (int i = 0; i < rows.length; i++) {
            // Held-out residual of a linear smoother: e / (1 - h).
            double leverage = LinearAlgebra.dot(rows[i], LinearAlgebra.multiply(inverse, rows[i]));
            double residual = millis[i] - LinearAlgebra.dot(rows[i], coefficients);
            heldOut[i] = millis[i] - residual / Math.max(1e-9, 1 - leverage);
            error += Math.abs(heldOut[i] / millis[i] - 1) / rows.length;
        }
        return new Solution(coefficients, heldOut, error);
    }

    private static LatencyTable table(double[] coefficients, List<List<Long>> macs) {
        List<List<Double>> millis = new ArrayList<>();
        int column = 2;
        for (List<Long> block : macs) {
            List<Double> choices = new ArrayList<>();
            for (long choice : block) {
                choices.add(coefficients[1] * choice / 1e6 + coefficients[column++]);
            }
            millis.add(choices);
        }
        return new LatencyTable(coefficients[0], millis);
    }
}
