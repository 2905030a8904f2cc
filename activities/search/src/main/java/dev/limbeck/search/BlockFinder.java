package dev.limbeck.search;

import dev.limbeck.graph.Cuts;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.Subgraph;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.learn.Activation;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Finds the blocks of a reference: its stages between the stem and the head.
 *
 * <p>A stage ends at a residual sum (an Add of two computed tensors whose result alone cuts the network, with the activation that
 * follows it) when the next one has another shape, or there is none. The first stage begins at the end of the stem: the first
 * convolution with its normalization, activation and pooling.
 *
 * <p>Behind the stages of images come those of tokens, [N, tokens, width]: layers of a transformer between which neither number nor
 * width of the tokens changes, cut into four blocks of equally many layers, or as many as there are layers.
 */
public final class BlockFinder {

    private static final Set<String> STEM = Set.of(
            "BatchNormalization",
            "Relu",
            "LeakyRelu",
            "PRelu",
            "Clip",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Mul",
            "Gelu",
            "Elu",
            "Identity",
            "MaxPool");

    private static final int TOKEN_BLOCKS = 4;

    private final Graph reference;
    private final List<String> cuts;
    private final Map<String, ValueInfo> shapes;

    private BlockFinder(Graph reference) {
        this.reference = reference;
        cuts = Cuts.find(reference);
        shapes = ShapeInference.infer(reference, 1);
    }

    /** Two tensors named by the user. */
    public record Named(String from, String to) {}

    /**
     * Finds the blocks by themselves.
     *
     * @throws BadInputException if there are none
     */
    public static List<Block> find(Graph reference) {
        return new BlockFinder(reference).find();
    }

    /**
     * Checks blocks that the user named.
     *
     * @throws BadInputException if a tensor is unknown, does not cut the network, or blocks overlap or are out of order
     */
    public static List<Block> named(Graph reference, List<Named> wanted) {
        return new BlockFinder(reference).named(wanted);
    }

    private List<Block> find() {
        List<Block> blocks = new ArrayList<>();
        if (sums(0, 4).size() > 0) {
            addImageBlocks(blocks);
        }
        addTokenBlocks(blocks);
        if (blocks.isEmpty()) {
            throw new BadInputException("no blocks were found in '" + reference.name()
                    + "': it has no residual sum of images [N, channels, height, width] or tokens [N, tokens, width] at which it "
                    + "could be cut. Name the blocks in the spec, as space.blocks: [{from: TENSOR, to: TENSOR}, …]"
                    + hint());
        }
        return blocks;
    }

    /** Cuts from the given one on that are residual sums of tensors with so many dimensions. */
    private List<Integer> sums(int from, int dimensions) {
        return IntStream.range(from, cuts.size())
                .filter(cut -> isResidualSum(cut, dimensions))
                .boxed()
                .toList();
    }

    private void addTokenBlocks(List<Block> blocks) {
        int behind = blocks.isEmpty() ? 0 : cuts.indexOf(blocks.getLast().to()) + 1;
        List<Integer> run = new ArrayList<>();
        // a run begins at a cut of its own, before its first sum
        for (int sum : sums(Math.max(1, behind), 3)) {
            if (!run.isEmpty() && !Arrays.equals(shape(run.getLast()), shape(sum))) {
                addTokenBlocks(blocks, run);
                run.clear();
            }
            run.add(sum);
        }
        if (!run.isEmpty()) {
            addTokenBlocks(blocks, run);
        }
    }

    /** @param sums of tokens of one shape: two a layer, after attention and perceptron, or one where these stand side by side */
    private void addTokenBlocks(List<Block> blocks, List<Integer> sums) {
        int sumsALayer = sums.size() % 2 == 0 ? 2 : 1;
        int layers = sums.size() / sumsALayer;
        int step = Math.ceilDiv(layers, TOKEN_BLOCKS) * sumsALayer;
        String from = cuts.get(sums.getFirst() - 1);
        for (int end = step; end < sums.size() + step; end += step) {
            String to = cuts.get(sums.get(Math.min(end, sums.size()) - 1));
            blocks.add(block("block" + (blocks.size() + 1), from, to));
            from = to;
        }
    }

    private void addImageBlocks(List<Block> blocks) {
        int stem = stemEnd();
        List<Integer> ends = new ArrayList<>();
        List<Integer> sums = sums(stem + 1, 4);
        for (int i = 0; i < sums.size(); i++) {
            boolean last = i == sums.size() - 1;
            if (last || !Arrays.equals(shape(sums.get(i)), shape(sums.get(i + 1)))) {
                ends.add(sums.get(i));
            }
        }
        int from = stem;
        for (int end : ends) {
            int to = end + (activation(end).isPresent() ? 1 : 0);
            blocks.add(block("block" + (blocks.size() + 1), cuts.get(from), cuts.get(to)));
            from = to;
        }
    }

    private List<Block> named(List<Named> wanted) {
        List<Block> blocks = new ArrayList<>();
        int reached = -1;
        for (Named pair : wanted) {
            int from = cut(pair.from());
            int to = cut(pair.to());
            if (from >= to) {
                throw new BadInputException("space.blocks: '" + pair.from() + "' does not come before '" + pair.to()
                        + "' in '" + reference.name() + "'; swap them");
            }
            if (from < reached) {
                throw new BadInputException("space.blocks: the block from '" + pair.from()
                        + "' begins before the one that ends at '" + cuts.get(reached)
                        + "' does; blocks must be in the network's order and must not overlap");
            }
            reached = to;
            blocks.add(block("block" + (blocks.size() + 1), pair.from(), pair.to()));
        }
        if (blocks.isEmpty()) {
            throw new BadInputException("space.blocks is empty; name at least one block, or write 'auto'");
        }
        return blocks;
    }

    private int cut(String tensor) {
        int index = cuts.indexOf(tensor);
        if (index >= 0) {
            return index;
        }
        boolean known = shapes.containsKey(tensor);
        throw new BadInputException("space.blocks: "
                + (known
                        ? "tensor '" + tensor + "' of '" + reference.name()
                                + "' does not cut the network in two by itself"
                        : "'" + reference.name() + "' has no tensor '" + tensor + "'")
                + "; tensors with such names that do: "
                + String.join(", ", Labels.nearest(cuts, tensor, 3)));
    }

    private Block block(String name, String from, String to) {
        long[] in = shapes.get(from).shape();
        long[] out = shapes.get(to).shape();
        if (in.length == 3 && Arrays.equals(in, out)) {
            return Block.ofTokens(name, from, to, (int) in[1], (int) in[2]);
        }
        requireImage(from, in);
        requireImage(to, out);
        int stride = IntStream.rangeClosed(1, (int) in[2])
                .filter(s -> Math.ceilDiv(in[2], s) == out[2] && Math.ceilDiv(in[3], s) == out[3])
                .findFirst()
                .orElseThrow(() -> new BadInputException("space.blocks: from '" + from + "' "
                        + Arrays.toString(in) + " to '" + to + "' " + Arrays.toString(out)
                        + " height and width are not divided by one whole number; choose other tensors"));
        int end = cuts.indexOf(to);
        Activation activation = end == 0 ? Activation.NONE : activation(end - 1).orElse(Activation.NONE);
        return new Block(
                name,
                from,
                to,
                (int) in[1],
                (int) out[1],
                stride,
                (int) in[2],
                (int) in[3],
                (int) out[2],
                (int) out[3],
                activation);
    }

    private static void requireImage(String tensor, long[] shape) {
        if (shape.length != 4) {
            throw new BadInputException("space.blocks: tensor '" + tensor + "' has the shape " + Arrays.toString(shape)
                    + "; block variants are convolutions between images [N, channels, height, width], or layers of a transformer "
                    + "between tokens of the same shape [N, tokens, width]");
        }
    }

    private long[] shape(int cut) {
        return shapes.get(cuts.get(cut)).shape();
    }

    private boolean isImage(int cut) {
        ValueInfo info = shapes.get(cuts.get(cut));
        return info != null && info.shape().length == 4;
    }

    private boolean isResidualSum(int cut, int dimensions) {
        Node node = reference.producer(cuts.get(cut)).orElseThrow();
        return node.op().equals("Add")
                && shape(cut).length == dimensions
                && node.inputs().stream()
                        .allMatch(i -> reference.initializer(i).isEmpty()
                                && shapes.containsKey(i)
                                && Arrays.equals(shapes.get(i).shape(), shape(cut)));
    }

    /** The activation that makes the next cut out of this one, where nothing else does. */
    private Optional<Activation> activation(int cut) {
        if (cut + 1 >= cuts.size() || !isImage(cut + 1)) {
            return Optional.empty();
        }
        List<Node> between = between(cut);
        return switch (between.stream().map(Node::op).toList().toString()) {
            case "[Relu]" -> Optional.of(Activation.RELU);
            case "[HardSwish]" -> Optional.of(Activation.HARDSWISH);
            case "[Sigmoid, Mul]" -> Optional.of(Activation.SILU);
            case "[Clip]" -> isRelu6(between.getFirst()) ? Optional.of(Activation.RELU6) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private boolean isRelu6(Node clip) {
        return limit(clip, 1, "min") == 0 && limit(clip, 2, "max") == 6;
    }

    private float limit(Node clip, int input, String attribute) {
        return reference
                .initializer(clip.input(input))
                .map(v -> v.scalarFloat())
                .orElseGet(() -> clip.number(attribute, Float.NaN));
    }

    private List<Node> between(int cut) {
        return Subgraph.extract(reference, cuts.get(cut), cuts.get(cut + 1)).nodes();
    }

    private int stemEnd() {
        Node convolution = reference.nodes().stream()
                .filter(n -> n.op().equals("Conv"))
                .findFirst()
                .orElseThrow(() -> new BadInputException("no blocks were found in '" + reference.name()
                        + "': it has no convolution. Its blocks cannot be varied by convolutions"));
        int position = reference.nodes().indexOf(convolution);
        int stem = IntStream.range(0, cuts.size())
                .filter(i -> reference
                                .nodes()
                                .indexOf(reference.producer(cuts.get(i)).orElseThrow())
                        >= position)
                .findFirst()
                .orElseThrow(() -> new BadInputException("no blocks were found in '" + reference.name()
                        + "': no tensor after '" + convolution.label() + "' cuts it in two"));
        while (stem + 1 < cuts.size()
                && isImage(stem + 1)
                && between(stem).stream().allMatch(n -> STEM.contains(n.op()))) {
            stem++;
        }
        return stem;
    }

    private String hint() {
        List<String> some = cuts.stream().limit(6).toList();
        return some.isEmpty()
                ? ""
                : "; tensors that cut it: " + String.join(", ", some) + (cuts.size() > 6 ? ", …" : "");
    }
}
