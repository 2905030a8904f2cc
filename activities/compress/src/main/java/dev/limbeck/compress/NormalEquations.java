package dev.limbeck.compress;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Node;
import java.util.Random;

/**
 * Sums over positions drawn at random of what a layer reads there, by itself and by what the layer is to give: the normal equations of
 * least squares. A column for each channel and place in the kernel, and a last one of ones for the bias.
 */
final class NormalEquations {

    /** Samples that are added at once: sums of thousands of columns are read from memory once for all of them. */
    private static final int BLOCK = 4;

    private static final long SEED = 20_170_719;

    private final Node node;
    private final long[] kernel;
    private final int perItem;
    private final Random random = new Random(SEED);
    private final double[][] gram;
    private final double[][] target;
    private final double[][] inputs;
    private final double[][] outputs;
    private int samples;
    private int waiting;

    /**
     * @param node Conv of four dimensions without groups, Gemm or MatMul
     * @param kernel its height and width; empty for a matrix product
     * @param columns channels that it reads, by places in the kernel
     * @param targets outputs that it is to give; 0 where only what it reads matters
     * @param perItem positions of an image, as far as it has them
     */
    NormalEquations(Node node, long[] kernel, int columns, int targets, int perItem) {
        this.node = node;
        this.kernel = kernel;
        this.perItem = perItem;
        gram = new double[columns + 1][columns + 1];
        target = new double[columns + 1][targets];
        inputs = new double[BLOCK][columns + 1];
        outputs = new double[BLOCK][targets];
    }

    /** What a layer is to give. */
    @FunctionalInterface
    interface Target {
        Target NONE = (item, position, into) -> {};

        /**
         * @param position row * width + column of the output
         * @param into [targets]
         */
        void read(int item, int position, double[] into);
    }

    /** @param input [items, channels, ...] */
    void add(FloatTensor input, Target wanted) {
        Patches patches = new Patches(node, kernel, input.shape());
        int positions = patches.rows() * patches.columns();
        for (int item = 0; item < input.batch(); item++) {
            for (int sample = 0; sample < Math.min(perItem, positions); sample++) {
                int row = random.nextInt(patches.rows());
                int column = random.nextInt(patches.columns());
                patches.read(input, item, row, column, inputs[waiting]);
                wanted.read(item, row * patches.columns() + column, outputs[waiting]);
                samples++;
                if (++waiting == BLOCK) {
                    sum();
                }
            }
        }
    }

    int samples() {
        return samples;
    }

    /** [columns + 1][columns + 1]. */
    double[][] gram() {
        sum();
        for (int i = 0; i < gram.length; i++) {
            for (int j = 0; j < i; j++) {
                gram[j][i] = gram[i][j];
            }
        }
        return gram;
    }

    /** [columns + 1][targets]. */
    double[][] target() {
        sum();
        return target;
    }

    private void sum() {
        double[] factors = new double[BLOCK]; // 0 for what is left of samples before
        for (int i = 0; i < gram.length && waiting > 0; i++) {
            for (int s = 0; s < waiting; s++) {
                factors[s] = inputs[s][i];
            }
            add(gram[i], factors, inputs, i + 1); // the rest is the same
            add(target[i], factors, outputs, target[i].length);
        }
        waiting = 0;
    }

    private static void add(double[] sum, double[] factors, double[][] rows, int columns) {
        double f0 = factors[0];
        double f1 = factors[1];
        double f2 = factors[2];
        double f3 = factors[3];
        double[] r0 = rows[0];
        double[] r1 = rows[1];
        double[] r2 = rows[2];
        double[] r3 = rows[3];
        for (int j = 0; j < columns; j++) {
            sum[j] += f0 * r0[j] + f1 * r1[j] + f2 * r2[j] + f3 * r3[j];
        }
    }
}
