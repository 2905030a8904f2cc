package dev.limbeck.learn;

import static java.util.Objects.requireNonNull;

/**
 * The sizes of one residual layer of a convolutional block.
 *
 * @param in channels that come in
 * @param out channels that go out
 * @param stride of the spatial convolution
 * @param kernel side of the spatial convolution, odd
 * @param hidden channels inside
 * @param activation inside the layer
 * @param squeeze channels in the middle of squeeze-and-excitation; 0 for none
 * @param outputActivation after the sum; {@link Activation#NONE} for a linear output, as in MobileNetV2
 */
public record BlockShape(
        int in,
        int out,
        int stride,
        int kernel,
        int hidden,
        Activation activation,
        int squeeze,
        Activation outputActivation) {

    public BlockShape {
        if (in < 1 || out < 1 || hidden < 1 || stride < 1 || squeeze < 0) {
            throw new IllegalArgumentException(
                    "in %d, out %d, hidden %d, stride %d must be at least 1, squeeze %d at least 0"
                            .formatted(in, out, hidden, stride, squeeze));
        }
        if (kernel < 1 || kernel % 2 == 0) {
            throw new IllegalArgumentException("kernel is " + kernel + ", but must be odd");
        }
        requireNonNull(activation, "activation is null");
        requireNonNull(outputActivation, "outputActivation is null");
    }

    /** Without squeeze-and-excitation, with a linear output. */
    public BlockShape(int in, int out, int stride, int kernel, int hidden, Activation activation) {
        this(in, out, stride, kernel, hidden, activation, 0, Activation.NONE);
    }

    public BlockShape withSqueeze(int channels) {
        return new BlockShape(in, out, stride, kernel, hidden, activation, channels, outputActivation);
    }

    public BlockShape withOutputActivation(Activation after) {
        return new BlockShape(in, out, stride, kernel, hidden, activation, squeeze, after);
    }

    /** Whether what comes in can be added to what goes out. */
    public boolean hasResidual() {
        return in == out && stride == 1;
    }
}
