package dev.limbeck.learn;

import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Builds networks with random weights: input "input" [N, channels, size, size], output "logits" [N, classes], the normalisation of
 * the pixels in the metadata. The same seed gives the same digest.
 */
public final class Networks {

    private static final float DEFAULT_MEAN = 0.5f;
    private static final float DEFAULT_STD = 0.5f;

    private Networks() {}

    @FunctionalInterface
    private interface Builder {
        Graph build(ImageInput input, int classes, long seed);
    }

    /** The names that {@link #byName} knows. */
    public static Set<String> names() {
        return builders().keySet();
    }

    /** As {@link #byName(String, ImageInput, int, long)}, for pixels normalised to -1 to 1. */
    public static Graph byName(String name, int classes, int channels, int size, long seed) {
        return byName(name, new ImageInput(channels, size, DEFAULT_MEAN, DEFAULT_STD), classes, seed);
    }

    /** @throws BadInputException if no network has this name, or it cannot be built for such images */
    public static Graph byName(String name, ImageInput input, int classes, long seed) {
        Builder builder = builders().get(name);
        if (builder == null) {
            throw new BadInputException("there is no network '" + name + "'; known are: " + String.join(", ", names()));
        }
        try {
            return builder.build(input, classes, seed);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("network '" + name + "': " + e.getMessage(), e);
        }
    }

    public static Graph mobileNetV2(ImageInput input, int classes, double width, Activation activation, long seed) {
        return mobileNet("mobilenetv2", input, classes, MobileNetPlan.v2(input.size(), width, activation), seed);
    }

    /** Stages of the same kind, with kernel, expansion, activation and squeeze-and-excitation as in MobileNetV3's later stages. */
    public static Graph mobileNetV3Like(
            ImageInput input,
            int classes,
            int stem,
            int[] channels,
            int[] strides,
            int depth,
            int kernel,
            int expansion,
            Activation activation,
            boolean squeezeExcite,
            int head,
            long seed) {
        MobileNetPlan plan = MobileNetPlan.uniform(
                stem, channels, strides, depth, kernel, expansion, activation, squeezeExcite, head);
        return mobileNet("mobilenetv3like", input, classes, plan, seed);
    }

    /** Any network of inverted residuals. */
    public static Graph mobileNet(String name, ImageInput input, int classes, MobileNetPlan plan, long seed) {
        Layers layers = new Layers(input.graph(name, classes), seed);
        String x = layers.convolution(
                ImageInput.INPUT, "stem", input.channels(), plan.stem(), 3, plan.stemStride(), 1, plan.activation());
        int in = plan.stem();
        int stageNumber = 0;
        for (MobileNetPlan.Stage stage : plan.stages()) {
            for (int i = 0; i < stage.depth(); i++) {
                int hidden = in * stage.expansion();
                BlockShape shape = new BlockShape(
                                in,
                                stage.channels(),
                                i == 0 ? stage.stride() : 1,
                                stage.kernel(),
                                hidden,
                                stage.activation())
                        .withSqueeze(stage.squeezeExcite() ? MobileNetPlan.multipleOf8(hidden / 4.0) : 0);
                x = layers.invertedResidual(x, "stage" + stageNumber + ".layer" + i, shape);
                in = stage.channels();
            }
            stageNumber++;
        }
        x = layers.convolution(x, "head", in, plan.head(), 1, 1, 1, plan.activation());
        layers.classifier(x, "classifier", ImageInput.OUTPUT, plan.head(), classes);
        return layers.editor().build();
    }

    /**
     * A residual network of basic blocks (He et al. 2016). Images up to 64 x 64 get a 3x3 stem without stride or pooling.
     *
     * @param channels of each stage; every stage but the first halves the image
     * @param depth residual blocks of each stage
     */
    public static Graph resNet(ImageInput input, int classes, int[] channels, int[] depth, long seed) {
        Layers layers = new Layers(input.graph("resnet", classes), seed);
        boolean small = input.size() <= 64;
        String x = layers.convolution(
                ImageInput.INPUT,
                "stem",
                input.channels(),
                channels[0],
                small ? 3 : 7,
                small ? 1 : 4,
                1,
                Activation.RELU);
        int in = channels[0];
        for (int stage = 0; stage < channels.length; stage++) {
            for (int i = 0; i < depth[stage]; i++) {
                int stride = stage > 0 && i == 0 ? 2 : 1;
                BlockShape shape = new BlockShape(in, channels[stage], stride, 3, channels[stage], Activation.RELU)
                        .withOutputActivation(Activation.RELU);
                x = layers.basicResidual(x, "stage" + stage + ".layer" + i, shape);
                in = channels[stage];
            }
        }
        layers.classifier(x, "classifier", ImageInput.OUTPUT, in, classes);
        return layers.editor().build();
    }

    /**
     * A small vision transformer.
     *
     * @param patch side of a patch; divides the image's size
     * @param width of a token; a multiple of {@code heads}
     */
    public static Graph viT(ImageInput input, int classes, int patch, int width, int depth, int heads, long seed) {
        return VisionTransformer.build(input, classes, patch, width, depth, heads, seed);
    }

    private static Map<String, Builder> builders() {
        Map<String, Builder> table = new LinkedHashMap<>();
        table.put("mobilenetv2", (input, classes, seed) -> mobileNetV2(input, classes, 1, Activation.RELU6, seed));
        table.put(
                "mobilenetv2-0.5", (input, classes, seed) -> mobileNetV2(input, classes, 0.5, Activation.RELU6, seed));
        table.put(
                "mobilenetv2-0.25",
                (input, classes, seed) -> mobileNetV2(input, classes, 0.25, Activation.RELU6, seed));
        table.put(
                "mobilenetv2-mini",
                (input, classes, seed) ->
                        mobileNet("mobilenetv2-mini", input, classes, MobileNetPlan.v2Mini(Activation.RELU6), seed));
        table.put(
                "mobilenetv2-mini-relu",
                (input, classes, seed) -> mobileNet(
                        "mobilenetv2-mini-relu", input, classes, MobileNetPlan.v2Mini(Activation.RELU), seed));
        table.put(
                "mobilenetv3-like",
                (input, classes, seed) -> mobileNetV3Like(
                        input,
                        classes,
                        16,
                        new int[] {24, 32, 48, 64},
                        new int[] {1, 2, 1, 2},
                        2,
                        3,
                        4,
                        Activation.HARDSWISH,
                        true,
                        256,
                        seed));
        table.put(
                "mobilenetv3-mini",
                (input, classes, seed) -> mobileNet("mobilenetv3-mini", input, classes, MobileNetPlan.mini(), seed));
        table.put(
                "resnet18",
                (input, classes, seed) ->
                        resNet(input, classes, new int[] {64, 128, 256, 512}, new int[] {2, 2, 2, 2}, seed));
        table.put(
                "resnet20",
                (input, classes, seed) -> resNet(input, classes, new int[] {16, 32, 64}, new int[] {3, 3, 3}, seed));
        table.put("vit-tiny", (input, classes, seed) -> viT(input, classes, patch(input), 64, 4, 4, seed));
        return table;
    }

    /** About 7 x 7 tokens: the divisor of the size nearest to a seventh of it. */
    private static int patch(ImageInput input) {
        int best = 1;
        for (int candidate = 1; candidate <= input.size(); candidate++) {
            boolean nearer = Math.abs(candidate - input.size() / 7.0) < Math.abs(best - input.size() / 7.0);
            if (input.size() % candidate == 0 && nearer) {
                best = candidate;
            }
        }
        return best;
    }
}
