package dev.limbeck.tensor;

/**
 * Gates that learn to be exactly 0 or exactly 1 (Louizos, Welling and Kingma 2018, "Learning sparse neural networks through L0
 * regularization", section 2.2), with the constants of Bayesian Bits (van Baalen et al. 2020).
 *
 * <p>In training z = clip(s (ZETA - GAMMA) + GAMMA, 0, 1) with s = sigmoid((ln u - ln(1 - u) + phi) / BETA) and u uniform; else a gate
 * is open if it is closed with a probability below {@link #THRESHOLD}.
 */
public final class HardConcrete {

    /** Temperature. */
    static final double BETA = 2 / 3.0;

    static final double ZETA = 1.1;
    static final double GAMMA = -0.1;

    /** The probability of 0 from which on a gate counts as closed. */
    static final double THRESHOLD = 0.34;

    /**
     * phi of gates that are open nearly always. The paper begins with 6, from where gates need tens of epochs; from 3, where one in five is
     * not at its end, they move within a few.
     */
    public static final double OPEN = 3;

    private static final double SHIFT = BETA * Math.log(-GAMMA / ZETA);

    /** The phi above which P(z = 0) = sigmoid(SHIFT - phi) is below the threshold. */
    static final double LEAST_OPEN = SHIFT - Math.log(THRESHOLD / (1 - THRESHOLD));

    private HardConcrete() {}

    /**
     * P(z &gt; 0) = sigmoid(phi - BETA ln(-GAMMA / ZETA)).
     *
     * @param phi of any shape
     */
    public static Tensor openProbability(Tensor phi) {
        return phi.plus(-SHIFT).sigmoid();
    }

    /** Whether a gate is open once it is drawn no more. */
    public static boolean isOpen(double phi) {
        return phi > LEAST_OPEN;
    }
}
