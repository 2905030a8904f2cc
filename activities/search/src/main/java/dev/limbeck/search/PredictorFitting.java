package dev.limbeck.search;

import static dev.limbeck.search.AccuracyPredictor.list;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.search.AccuracyPredictor.Order;
import dev.limbeck.search.AccuracyPredictor.Product;
import java.util.ArrayList;
import java.util.List;

/**
 * Ridge regression of the log error, shrunk towards the plain sum of the blocks' log noise-to-signal ratios.
 *
 * <p>With few networks plain ridge, which shrinks towards 0, ranks no better than the sum without any fit. So the model is
 *
 * <pre>y = a + s * sum_b x_b + sum_b d_b x_b + products + extras</pre>
 *
 * with a and s free and the penalty on all else: a large penalty gives the plain sum, a small one least squares. Penalty, floor and
 * order are those with the smallest leave-one-out error of the accuracy.
 */
final class PredictorFitting {

    private static final int FEWEST_NETWORKS = 3;
    private static final double[] PENALTIES = {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 100};
    private static final double[] FLOORS = {0.001, 0.01, 0.1};

    /** Second order must beat linear by so much, or noise chooses it among its many terms, and it then predicts worse. */
    private static final double HANDICAP = 1.25;

    private PredictorFitting() {}

    static AccuracyPredictor fit(List<FinetunedNetwork> networks) {
        check(networks);
        int blocks = networks.getFirst().noiseToSignal().size();
        double best = Double.POSITIVE_INFINITY;
        Design chosen = null;
        double chosenPenalty = 0;
        for (Order order : Order.values()) {
            // N squares and N(N-1)/2 products besides N linear terms need as many networks (method of DONNA: 20 for N =
            // 5).
            if (order == Order.SECOND && networks.size() < blocks + blocks * (blocks + 1) / 2) {
                continue;
            }
            for (double floor : FLOORS) {
                Design design = new Design(networks, order, floor);
                for (double penalty : PENALTIES) {
                    double error = design.leaveOneOutError(penalty) * (order == Order.SECOND ? HANDICAP : 1);
                    if (error < best) {
                        best = error;
                        chosen = design;
                        chosenPenalty = penalty;
                    }
                }
            }
        }
        return chosen.predictor(chosenPenalty);
    }

    private static void check(List<FinetunedNetwork> networks) {
        if (networks.size() < FEWEST_NETWORKS) {
            throw new BadInputException("the accuracy predictor needs at least " + FEWEST_NETWORKS
                    + " finetuned networks, but has " + networks.size() + "; raise predictor.networks");
        }
        FinetunedNetwork first = networks.getFirst();
        for (FinetunedNetwork network : networks) {
            if (network.noiseToSignal().size() != first.noiseToSignal().size()
                    || network.extras().size() != first.extras().size()) {
                throw new IllegalArgumentException("networks " + first.genes() + " and " + network.genes()
                        + " have different numbers of blocks or extras");
            }
        }
    }

    /** The matrix of one order and floor: columns 1, sum, one for each block, products, extras; all but the first centred. */
    private static final class Design {

        private final Order order;
        private final double floor;
        private final int blocks;
        private final int extras;
        private final double[] actual;
        private final double[] logError;
        private final double[] centres;
        private final double[] productCentres;
        private final double[] extraCentres;
        // Divisors of the penalised columns, so that one penalty suits all: pooled for the blocks, own for the rest.
        private final double[] scales;
        private final double[][] rows;

        Design(List<FinetunedNetwork> networks, Order order, double floor) {
            this.order = order;
            this.floor = floor;
            int count = networks.size();
            blocks = networks.getFirst().noiseToSignal().size();
            extras = networks.getFirst().extras().size();
            actual = networks.stream().mapToDouble(FinetunedNetwork::accuracy).toArray();
            logError = networks.stream()
                    .mapToDouble(n -> AccuracyPredictor.logError(n.accuracy()))
                    .toArray();
            double[][] x = new double[count][];
            for (int i = 0; i < count; i++) {
                x[i] = networks.get(i).noiseToSignal().stream()
                        .mapToDouble(n -> StrictMath.log(floor + n))
                        .toArray();
            }
            centres = centre(x);
            double[][] products = order == Order.SECOND ? products(x) : new double[count][0];
            productCentres = centre(products);
            double[][] extra = new double[count][];
            for (int i = 0; i < count; i++) {
                extra[i] = networks.get(i).extras().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray();
            }
            extraCentres = centre(extra);
            double[][] penalised = new double[count][];
            for (int i = 0; i < count; i++) {
                penalised[i] = concat(x[i], products[i], extra[i]);
            }
            scales = scales(penalised);
            rows = new double[count][];
            for (int i = 0; i < count; i++) {
                double[] row = new double[2 + scales.length];
                row[0] = 1;
                for (int b = 0; b < blocks; b++) {
                    row[1] += x[i][b] / scales[b];
                }
                for (int j = 0; j < scales.length; j++) {
                    row[2 + j] = penalised[i][j] / scales[j];
                }
                rows[i] = row;
            }
        }

        /** Root mean square error of the accuracies, each predicted from the others: e_i / (1 - h_ii) of a linear smoother. */
        double leaveOneOutError(double penalty) {
            double[][] inverse = LinearAlgebra.inverse(normal(penalty));
            double[] coefficients = LinearAlgebra.multiply(inverse, moments());
            double sum = 0;
            for (int i = 0; i < rows.length; i++) {
                double leverage = LinearAlgebra.dot(rows[i], LinearAlgebra.multiply(inverse, rows[i]));
                double residual = logError[i] - LinearAlgebra.dot(rows[i], coefficients);
                double predicted = logError[i] - residual / Math.max(1e-9, 1 - leverage);
                double error = AccuracyPredictor.accuracy(predicted) - actual[i];
                sum += error * error;
            }
            return Math.sqrt(sum / rows.length);
        }

        AccuracyPredictor predictor(double penalty) {
            double[] c = LinearAlgebra.multiply(LinearAlgebra.inverse(normal(penalty)), moments());
            double[] weights = new double[blocks];
            for (int b = 0; b < blocks; b++) {
                weights[b] = (c[1] + c[2 + b]) / scales[b];
            }
            List<Product> products = new ArrayList<>();
            int column = blocks;
            for (int a = 0; a < blocks && order == Order.SECOND; a++) {
                for (int b = a; b < blocks; b++, column++) {
                    products.add(new Product(a, b, productCentres[column - blocks], c[2 + column] / scales[column]));
                }
            }
            double[] extraWeights = new double[extras];
            for (int k = 0; k < extras; k++, column++) {
                extraWeights[k] = c[2 + column] / scales[column];
            }
            return new AccuracyPredictor(
                    order,
                    penalty,
                    floor,
                    c[0],
                    list(centres),
                    list(weights),
                    products,
                    list(extraCentres),
                    list(extraWeights));
        }

        // X'X + n * penalty on all but the first two columns.
        private double[][] normal(double penalty) {
            int columns = rows[0].length;
            double[][] normal = new double[columns][columns];
            for (double[] row : rows) {
                for (int a = 0; a < columns; a++) {
                    for (int b = 0; b < columns; b++) {
                        normal[a][b] += row[a] * row[b];
                    }
                }
            }
            // All blocks may have the same ratios in every network, and then the sum has no information either.
            normal[1][1] += 1e-9 * rows.length;
            for (int j = 2; j < columns; j++) {
                normal[j][j] += penalty * rows.length;
            }
            return normal;
        }

        private double[] moments() {
            double[] moments = new double[rows[0].length];
            for (int i = 0; i < rows.length; i++) {
                for (int a = 0; a < moments.length; a++) {
                    moments[a] += rows[i][a] * logError[i];
                }
            }
            return moments;
        }

        private double[][] products(double[][] x) {
            double[][] products = new double[x.length][blocks * (blocks + 1) / 2];
            for (int i = 0; i < x.length; i++) {
                int column = 0;
                for (int a = 0; a < blocks; a++) {
                    for (int b = a; b < blocks; b++) {
                        products[i][column++] = x[i][a] * x[i][b];
                    }
                }
            }
            return products;
        }

        private double[] scales(double[][] penalised) {
            double[] squares = new double[penalised[0].length];
            for (double[] row : penalised) {
                for (int j = 0; j < squares.length; j++) {
                    squares[j] += row[j] * row[j] / penalised.length;
                }
            }
            double pooled = 0;
            for (int b = 0; b < blocks; b++) {
                pooled += squares[b] / blocks;
            }
            for (int j = 0; j < squares.length; j++) {
                double square = j < blocks ? pooled : squares[j];
                squares[j] = square > 0 ? Math.sqrt(square) : 1;
            }
            return squares;
        }

        private static double[] centre(double[][] matrix) {
            double[] means = new double[matrix[0].length];
            for (double[] row : matrix) {
                for (int j = 0; j < means.length; j++) {
                    means[j] += row[j] / matrix.length;
                }
            }
            for (double[] row : matrix) {
                for (int j = 0; j < means.length; j++) {
                    row[j] -= means[j];
                }
            }
            return means;
        }

        private static double[] concat(double[]... parts) {
            return java.util.Arrays.stream(parts)
                    .flatMapToDouble(java.util.Arrays::stream)
                    .toArray();
        }
    }
}
