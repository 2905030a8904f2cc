package dev.limbeck.graph;

import java.util.List;

/**
 * Channels that can only go together: those of all tensors that additions, normalizations, depthwise convolutions and activations tie.
 *
 * @param makers convolutions and matrix products whose outputs are these channels
 * @param readers convolutions and matrix products that read them, and can be fitted to what is left
 * @param between nodes with a number for each channel: batch norms, depthwise convolutions, slopes
 */
public record ChannelGroup(int channels, List<Node> makers, List<Node> readers, List<Node> between) {

    /** All of a network, in the order of their first makers. */
    public static List<ChannelGroup> of(Graph graph) {
        return ChannelGroups.of(graph);
    }

    /** The first maker's output. */
    public String name() {
        return makers.getFirst().output(0);
    }

    /** The axis of a maker's or reader's weight along which its outputs lie; its inputs lie along the other one of the first two. */
    public static int outputAxis(Node linear) {
        return linear.op().equals("Conv") || linear.integer("transB", 0) == 1 ? 0 : 1;
    }

    /**
     * Takes channels out of what makes them and of what lies between; whoever calls makes the readers fit.
     *
     * @param now the network as it is, whose editor this is
     * @param kept positions of the others, in order
     */
    public void takeOut(GraphEditor editor, Graph now, int[] kept) {
        for (Node maker : makers) {
            slice(editor, maker.input(1), outputAxis(maker), kept);
            if (maker.hasInput(2)) {
                slice(editor, maker.input(2), 0, kept);
            }
        }
        for (Node node : between) {
            for (int i = 1; i < node.inputs().size(); i++) {
                if (node.hasInput(i)) {
                    slice(editor, node.input(i), 0, kept);
                }
            }
            if (node.op().equals("Conv")) {
                editor.replace(now.producer(node.output(0)).orElseThrow(), node.withInteger("group", kept.length));
            }
        }
    }

    /** As {@link #takeOut}, and out of the weights of the readers: the network stays the same where these are 0 for what goes. */
    public Graph keep(Graph now, int[] kept) {
        GraphEditor editor = now.edit();
        readers.forEach(reader -> slice(editor, reader.input(1), 1 - outputAxis(reader), kept));
        takeOut(editor, now, kept);
        return editor.build();
    }

    /** Keeps the given positions of one dimension, the first or the second. */
    private static void slice(GraphEditor editor, String name, int dimension, int[] kept) {
        TensorValue value = editor.initializer(name);
        long[] shape = value.shape();
        float[] all = value.floats();
        int outer = dimension == 0 ? 1 : (int) shape[0];
        int size = (int) shape[dimension];
        int inner = all.length / (outer * size);
        float[] less = new float[outer * kept.length * inner];
        for (int i = 0; i < outer; i++) {
            for (int k = 0; k < kept.length; k++) {
                System.arraycopy(all, (i * size + kept[k]) * inner, less, (i * kept.length + k) * inner, inner);
            }
        }
        shape[dimension] = kept.length;
        editor.initializer(name, TensorValue.ofFloats(less, shape));
    }
}
