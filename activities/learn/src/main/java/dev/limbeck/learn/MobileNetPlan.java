package dev.limbeck.learn;

import java.util.ArrayList;
import java.util.List;

/**
 * A network of inverted residuals: a 3x3 stem, stages, a 1x1 head, a classifier.
 *
 * @param stem channels after the stem
 * @param stemStride stride of the stem
 * @param activation of the stem and the head
 * @param head channels after the head
 */
public record MobileNetPlan(int stem, int stemStride, Activation activation, List<Stage> stages, int head) {

    /** Images this small or smaller are not halved in the stem. */
    private static final int SMALL_IMAGE = 64;

    public MobileNetPlan {
        stages = List.copyOf(stages);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("a network needs at least one stage");
        }
    }

    /**
     * Layers with the same output channels; the first one has the stride.
     *
     * @param expansion hidden channels over incoming channels
     * @param squeezeExcite whether each layer has squeeze-and-excitation, with a quarter of the hidden channels
     */
    public record Stage(
            int channels,
            int stride,
            int depth,
            int kernel,
            int expansion,
            Activation activation,
            boolean squeezeExcite) {

        public Stage {
            if (depth < 1 || expansion < 1) {
                throw new IllegalArgumentException(
                        "depth " + depth + " and expansion " + expansion + " must be at least 1");
            }
        }
    }

    /**
     * MobileNetV2 (Sandler et al. 2018, table 2). For images up to 64 x 64 the stem and the second stage are not strided, as is usual
     * for CIFAR.
     *
     * @param width factor of all channels; the head's is not made smaller than 1,280
     */
    public static MobileNetPlan v2(int imageSize, double width, Activation activation) {
        boolean small = imageSize <= SMALL_IMAGE;
        int[][] table = {
            // expansion, channels, depth, stride
            {1, 16, 1, 1},
            {6, 24, 2, small ? 1 : 2},
            {6, 32, 3, 2},
            {6, 64, 4, 2},
            {6, 96, 3, 1},
            {6, 160, 3, 2},
            {6, 320, 1, 1},
        };
        List<Stage> stages = new ArrayList<>();
        for (int[] row : table) {
            stages.add(new Stage(multipleOf8(row[1] * width), row[3], row[2], 3, row[0], activation, false));
        }
        return new MobileNetPlan(
                multipleOf8(32 * width), small ? 1 : 2, activation, stages, multipleOf8(1280 * Math.max(1, width)));
    }

    /**
     * Stages that differ in channels and stride only: a reference that is easy to search.
     *
     * @param channels of each stage
     * @param strides of each stage
     */
    public static MobileNetPlan uniform(
            int stem,
            int[] channels,
            int[] strides,
            int depth,
            int kernel,
            int expansion,
            Activation activation,
            boolean squeezeExcite,
            int head) {
        if (channels.length != strides.length) {
            throw new IllegalArgumentException(channels.length + " channels and " + strides.length + " strides");
        }
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < channels.length; i++) {
            stages.add(new Stage(channels[i], strides[i], depth, kernel, expansion, activation, squeezeExcite));
        }
        return new MobileNetPlan(stem, 1, activation, stages, head);
    }

    /**
     * A reference for small images, quick to train and to search: four stages of two layers, kernel 3, expansion 4, hard-swish and
     * squeeze-and-excitation; 6 million MACs at 28 x 28.
     */
    public static MobileNetPlan mini() {
        MobileNetPlan plan = uniform(
                16, new int[] {24, 32, 64, 96}, new int[] {1, 2, 2, 1}, 2, 3, 4, Activation.HARDSWISH, true, 192);
        return new MobileNetPlan(plan.stem, 2, plan.activation, plan.stages, plan.head);
    }

    /**
     * MobileNetV2 made small for small images: 25 convolutions, a stem of stride 2, expansion 4 after the first stage, 96 channels at
     * most before the head.
     */
    public static MobileNetPlan v2Mini(Activation activation) {
        return new MobileNetPlan(
                16,
                2,
                activation,
                List.of(
                        new Stage(16, 1, 1, 3, 1, activation, false),
                        new Stage(24, 1, 2, 3, 4, activation, false),
                        new Stage(32, 2, 2, 3, 4, activation, false),
                        new Stage(64, 2, 2, 3, 4, activation, false),
                        new Stage(96, 1, 1, 3, 4, activation, false)),
                256);
    }

    /** The nearest multiple of 8 that is at least 8 and not below nine tenths of the value, as MobileNets round. */
    public static int multipleOf8(double channels) {
        int rounded = Math.max(8, (int) (channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }
}
