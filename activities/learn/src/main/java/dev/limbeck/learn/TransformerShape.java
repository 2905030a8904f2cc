package dev.limbeck.learn;

/**
 * The sizes of one layer of a transformer.
 *
 * @param width of a token
 * @param heads of the attention
 * @param attention width of queries, keys and values of all heads together
 * @param hidden width inside the multilayer perceptron
 */
public record TransformerShape(int width, int heads, int attention, int hidden) {

    public TransformerShape {
        if (width < 1 || heads < 1 || attention < 1 || hidden < 1 || attention % heads != 0) {
            throw new IllegalArgumentException(
                    "width %d, heads %d, attention %d and hidden %d must be at least 1, and heads must divide attention"
                            .formatted(width, heads, attention, hidden));
        }
    }

    /** As in the original: attention as wide as a token, four times that inside the perceptron. */
    public static TransformerShape of(int width, int heads) {
        return new TransformerShape(width, heads, width, 4 * width);
    }
}
