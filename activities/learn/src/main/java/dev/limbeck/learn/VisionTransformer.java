package dev.limbeck.learn;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import java.util.List;

/**
 * Builds a vision transformer (Dosovitskiy et al. 2021) with pre-normalisation, learned positions, and the mean of the tokens
 * instead of a class token. Tokens are [N, tokens, width]; their number is fixed by the image's size.
 */
final class VisionTransformer {

    private VisionTransformer() {}

    static Graph build(ImageInput input, int classes, int patch, int width, int depth, int heads, long seed) {
        if (input.size() % patch != 0 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "images of %d cannot be cut into patches of %d, or width %d into %d heads"
                            .formatted(input.size(), patch, width, heads));
        }
        Layers layers = new Layers(input.graph("vit", classes), seed);
        GraphEditor editor = layers.editor();
        TransformerLayers transformer = new TransformerLayers(layers);
        long tokens = (long) (input.size() / patch) * (input.size() / patch);
        String x = layers.patches(ImageInput.INPUT, "embed", input.channels(), width, patch);
        x = transformer.reshape(x, "embed.flat", 0, width, tokens);
        x = transformer.transpose(x, "embed.tokens", 0, 2, 1);
        x = editor.add(
                "Add", "embed.positioned", x, layers.parameter("positions", transformer.positions(tokens, width)));
        for (int i = 0; i < depth; i++) {
            x = transformer.layer(x, "block" + i, TransformerShape.of(width, heads));
        }
        x = transformer.normalize(x, "final", width);
        x = editor.add(Node.of("ReduceMean", editor.unique("pool"), List.of(x), List.of("pooled"))
                .withIntegers("axes", 1)
                .withInteger("keepdims", 0));
        layers.fullyConnected(x, "classifier", ImageInput.OUTPUT, width, classes);
        return editor.build();
    }
}
