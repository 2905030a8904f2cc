package dev.limbeck.compress;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Node;
import java.util.Random;

/**
 * Second moments of what a layer reads, at positions drawn at random: of the network as it is now, and of it with the network as it was.
 * A column for each channel and place in the kernel, and a last one of ones for the bias.
 *
 * @param own [columns][columns]
 * @param cross [columns][columns]: now by then
 */
record InputMoments(double[][] own, double[][] cross) {

    /**
     * @param node Conv of four dimensions without groups, Gemm or MatMul
     * @param now [images, channels, ...]: what the node reads in the network as it is now
     * @param then the same in the network as it was; the same tensor where nothing has changed yet
     */
    static InputMoments of(Node node, long[] kernel, FloatTensor now, FloatTensor then, int perImage, long seed) {
        int channels = (int) now.shape()[1];
        int places = kernel.length == 0 ? 1 : (int) (kernel[0] * kernel[1]);
        int columns = channels * places + 1;
        double[][] own = new double[columns][columns];
        // squares of thousands of columns: not twice where they are the same
        double[][] cross = now == then ? own : new double[columns][columns];
        Random random = new Random(seed);
        Patches patches = new Patches(node, kernel, now.shape());
        double[] x = new double[columns];
        double[] y = new double[columns];
        for (int image = 0; image < now.batch(); image++) {
            for (int sample = 0; sample < (kernel.length == 0 ? 1 : perImage); sample++) {
                int row = patches.rows() == 1 ? 0 : random.nextInt(patches.rows());
                int column = patches.columns() == 1 ? 0 : random.nextInt(patches.columns());
                patches.read(now, image, row, column, x);
                add(own, x, x);
                if (cross != own) {
                    patches.read(then, image, row, column, y);
                    add(cross, x, y);
                }
            }
        }
        return new InputMoments(own, cross);
    }

    private static void add(double[][] sum, double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            if (x[i] != 0) {
                for (int j = 0; j < y.length; j++) {
                    sum[i][j] += x[i] * y[j];
                }
            }
        }
    }
}
