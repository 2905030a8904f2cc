package dev.limbeck.quantize;

import dev.limbeck.graph.TensorValue;
import java.util.function.IntUnaryOperator;

/**
 * The two neighbours on the grid between which each element of a weight lies, in the order of the weight's elements. An element
 * beyond the grid lies at the end of its last interval.
 *
 * @param lower the real value of the neighbour below
 * @param step to the neighbour above
 * @param fraction 0 at the neighbour below, 1 at the one above
 */
record Neighbours(float[] lower, float[] step, float[] fraction) {

    static Neighbours of(TensorValue weight, Encoding encoding) {
        IntUnaryOperator index = encoding.scaleIndex(weight.shape());
        float[] values = weight.floats();
        float[] lower = new float[values.length];
        float[] step = new float[values.length];
        float[] fraction = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int s = index.applyAsInt(i);
            double position = (double) values[i] / encoding.scale()[s] + encoding.zeroPoint()[s];
            int floor = (int) Math.clamp(Math.floor(position), (double) encoding.lowest(), encoding.highest() - 1.0);
            lower[i] = encoding.dequantize(floor, s);
            step[i] = encoding.scale()[s];
            fraction[i] = (float) Math.clamp(position - floor, 0.0, 1.0);
        }
        return new Neighbours(lower, step, fraction);
    }

    /** The weight on the grid, each element at its nearest value; ties to even. */
    static float[] nearest(TensorValue weight, Encoding encoding) {
        IntUnaryOperator index = encoding.scaleIndex(weight.shape());
        float[] rounded = weight.floats();
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = encoding.simulate(rounded[i], index.applyAsInt(i));
        }
        return rounded;
    }

    /** The weight on the grid, with the neighbour above where the fraction says so. */
    static float[] rounded(TensorValue weight, Encoding encoding, float[] fraction) {
        Neighbours neighbours = of(weight, encoding);
        IntUnaryOperator index = encoding.scaleIndex(weight.shape());
        float[] rounded = new float[fraction.length];
        for (int i = 0; i < rounded.length; i++) {
            float chosen = neighbours.lower[i] + (fraction[i] >= 0.5f ? neighbours.step[i] : 0);
            // the grid's own value, to the last bit
            rounded[i] = encoding.simulate(chosen, index.applyAsInt(i));
        }
        return rounded;
    }
}
