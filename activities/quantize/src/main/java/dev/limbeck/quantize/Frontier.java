package dev.limbeck.quantize;

import dev.limbeck.graph.Cuts;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Activations of the float network and of the same with rounded weights, computed onwards from the last tensor that cuts the network
 * in two, which is kept for all images: so the work for a layer does not grow with the number of layers before it.
 */
final class Frontier {

    /** Numbers that a kept tensor may take: 128 MB. A larger one is passed over. */
    private static final int ELEMENTS = 1 << 25;

    private final Graph original;
    private final SessionOptions session;
    private final int batch;
    private final Deque<Cut> ahead = new ArrayDeque<>();
    private Items originals;
    private Items rounded;

    /**
     * @param before tensors from which it is computed
     */
    private record Cut(String tensor, Set<String> before) {}

    /** @param images of the network's inputs */
    Frontier(Graph original, Items images, SessionOptions session) {
        this.original = original;
        this.session = session;
        this.batch = ActivationRanges.batch(images);
        this.originals = images;
        this.rounded = images;
        Cuts.find(original).forEach(cut -> ahead.add(new Cut(cut, ancestors(cut))));
    }

    private Frontier(Frontier other) {
        original = other.original;
        session = other.session;
        batch = other.batch;
        ahead.addAll(other.ahead);
        originals = other.originals;
        rounded = other.rounded;
    }

    /** Another one at the same place, that moves on by itself. */
    Frontier copy() {
        return new Frontier(this);
    }

    private Set<String> ancestors(String cut) {
        Set<String> before = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(cut));
        while (!open.isEmpty()) {
            String name = open.pop();
            if (before.add(name)) {
                original.producer(name).ifPresent(node -> open.addAll(node.inputs()));
            }
        }
        return before;
    }

    /**
     * Moves on to the last cut before a layer of the float network.
     *
     * @param current the network with the weights before the layer rounded
     */
    void advance(Graph current, Node layer) {
        String last = null;
        while (!ahead.isEmpty() && !ahead.peek().before().contains(layer.output(0))) {
            String next = ahead.poll().tensor();
            if (fits(next)) {
                last = next;
            }
        }
        if (last != null) {
            Items nextOriginals = new Items(Map.of(last, originals(last)));
            Items nextRounded = new Items(Map.of(last, rounded(current, last)));
            originals = nextOriginals;
            rounded = nextRounded;
        }
    }

    private boolean fits(String next) {
        FloatTensor one = Inference.run(part(original, next), originals.slice(0, 1), 1, session);
        return (long) one.itemSize() * originals.count() <= ELEMENTS && one.batch() == 1;
    }

    /** What the float network makes of all images. */
    FloatTensor originals(String wanted) {
        FloatTensor kept = originals.inputs().get(wanted);
        return kept != null ? kept : Inference.run(part(original, wanted), originals, batch, session);
    }

    /** What the network with rounded weights makes of all images. */
    FloatTensor rounded(Graph current, String wanted) {
        FloatTensor kept = rounded.inputs().get(wanted);
        return kept != null ? kept : Inference.run(part(current, wanted), rounded, batch, session);
    }

    /** Takes one tensor of each network, batch by batch. */
    interface Consumer {
        /** @param share of all images that these are */
        void accept(FloatTensor rounded, FloatTensor original, double share);
    }

    /**
     * @param input of the network with rounded weights
     * @param output of the float network
     */
    void forEachBatch(Graph current, String input, String output, Consumer consumer) {
        boolean kept = rounded.inputs().containsKey(input);
        try (Session before = kept ? null : Session.open(part(current, input), session);
                Session after = Session.open(part(original, output), session)) {
            for (int from = 0; from < originals.count(); from += batch) {
                int to = Math.min(originals.count(), from + batch);
                Map<String, FloatTensor> in = rounded.slice(from, to).inputs();
                FloatTensor out = after.run(originals.slice(from, to).inputs()).get(output);
                consumer.accept(
                        kept ? in.get(input) : before.run(in).get(input),
                        out,
                        (double) (to - from) / originals.count());
            }
        }
    }

    /** From the kept tensors to another; takes as many items a run as the network, which may insist on its number. */
    private Graph part(Graph graph, String wanted) {
        GraphEditor editor = graph.edit().clearOutputs().output(ValueInfo.unranked(wanted, ElementType.FLOAT));
        if (graph.inputs().stream().noneMatch(input -> originals.inputs().containsKey(input.name()))) {
            editor.clearInputs();
            originals.inputs().forEach((tensor, value) -> {
                long[] shape = value.shape().clone();
                shape[0] = original.batch();
                editor.input(new ValueInfo(tensor, ElementType.FLOAT, shape));
            });
        }
        return editor.build();
    }
}
