package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Reads a network with QuantizeLinear and DequantizeLinear nodes back: to the float network with the weights that are stored, and
 * the encodings that make it the same again. Such networks of Limbeck and of ONNX Runtime's quantization tools can be read.
 *
 * <p>ReLUs that have vanished into a grid do not come back: the grid still bounds what they did.
 */
public final class QdqReader {

    private static final String FLOAT_SUFFIX = "_float";
    private static final String STORED_SUFFIX = QdqNodes.stored("");

    private final Graph quantized;
    private final GraphEditor editor;
    private final Map<String, Encoding> activations = new LinkedHashMap<>();
    private final Map<String, Encoding> parameters = new LinkedHashMap<>();
    private final Set<Node> removed = new HashSet<>();
    private final Map<String, String> renamed = new HashMap<>();
    private final Map<Node, Node> replaced = new HashMap<>();

    private QdqReader(Graph quantized) {
        this.quantized = quantized;
        this.editor = quantized.edit();
    }

    /**
     * A quantized network as its two parts.
     *
     * @param graph of floats
     * @param encodings of its activations and weights
     */
    public record Simulation(Graph graph, Encodings encodings) {}

    /** @throws BadInputException naming a node that quantizes in a way that encodings cannot say */
    public static Simulation read(Graph quantized) {
        return new QdqReader(quantized).read();
    }

    private Simulation read() {
        for (Node node : quantized.nodes()) {
            boolean constant = quantized.initializers().containsKey(node.input(0));
            switch (node.op()) {
                case "DequantizeLinear" -> {
                    if (constant) {
                        readStored(node);
                    }
                }
                case "QuantizeLinear" -> {
                    if (constant) {
                        readTrainable(node);
                    } else {
                        readActivation(node);
                    }
                }
                case "Cast" -> readHalf(node);
                default -> {}
            }
        }
        editor.clearNodes();
        for (Node node : quantized.nodes()) {
            if (!removed.contains(node)) {
                Node kept = replaced.getOrDefault(node, node);
                editor.add(kept.withInputs(names(kept.inputs())).withOutputs(names(kept.outputs())));
            }
        }
        return new Simulation(editor.build(), new Encodings(activations, parameters));
    }

    private List<String> names(List<String> tensors) {
        return tensors.stream().map(this::name).toList();
    }

    private String name(String tensor) {
        String name = tensor;
        while (renamed.containsKey(name)) {
            name = renamed.get(name);
        }
        return name;
    }

    private BadInputException bad(Node node, String problem) {
        return new BadInputException(
                "network '" + quantized.name() + "': node '" + node.label() + "' (" + node.op() + ") " + problem);
    }

    private TensorValue constant(Node node, int input) {
        return quantized
                .initializer(node.input(input))
                .orElseThrow(() -> bad(node, "has a scale or zero point that is computed, which encodings cannot say"));
    }

    /** A weight or bias that is stored in integers. */
    private void readStored(Node node) {
        TensorValue stored = quantized.initializers().get(node.input(0));
        Scales scales = scales(node, stored.shape());
        long[] integers = stored.longs();
        float[] values = new float[integers.length];
        IntUnaryOperator index = scales.index(stored.shape());
        for (int i = 0; i < values.length; i++) {
            int s = index.applyAsInt(i);
            values[i] = (integers[i] - scales.zeroPoint()[s]) * scales.scale()[s];
        }
        String name = withoutSuffix(node.input(0), STORED_SUFFIX);
        editor.initializer(name, TensorValue.ofFloats(values, stored.shape()));
        if (stored.type() != ElementType.INT32) {
            int bits = bits(stored.type());
            String narrower = quantized.metadata().get(QdqNodes.BITS + name);
            boolean known = narrower != null && narrower.matches("[2-9]|1[0-6]");
            parameters.put(name, scales.encoding(stored.type(), known ? Integer.parseInt(narrower) : bits));
        }
        remove(node, name);
    }

    /** A weight of floats that is quantized whenever it is read. */
    private void readTrainable(Node node) {
        TensorValue weight = quantized.initializers().get(node.input(0));
        ElementType type = constant(node, 2).type();
        parameters.put(node.input(0), scales(node, weight.shape()).encoding(type, bits(type)));
        remove(node, node.input(0));
        readers(node).forEach(reader -> remove(reader, node.input(0)));
    }

    private void readActivation(Node node) {
        Scales scales = scales(node);
        ElementType type = node.hasInput(2) ? constant(node, 2).type() : ElementType.UINT8;
        Encoding whole = scales.encoding(type, bits(type));
        Optional<Node> clip = quantized.producer(node.input(0)).filter(before -> isGridClip(before, whole));
        Encoding encoding = clip.map(c -> clipped(c, whole)).orElse(whole);
        String raw = clip.map(c -> c.input(0)).orElse(node.input(0));
        clip.ifPresent(removed::add);
        removed.add(node);
        List<Node> readers = readers(node);
        List<Node> plain =
                readers.stream().filter(reader -> scales(reader).equals(scales)).toList();
        String name = activationName(raw, plain);
        plain.forEach(reader -> remove(reader, name));
        activations.put(name, encoding);
        readers.stream().filter(reader -> !plain.contains(reader)).forEach(reader -> readGate(reader, name, scales));
    }

    /** Those of the integers that a node makes. */
    private List<Node> readers(Node node) {
        List<Node> readers = quantized.consumers(node.output(0));
        for (Node reader : readers) {
            if (!reader.op().equals("DequantizeLinear")) {
                throw bad(
                        reader, "reads integers of '" + node.label() + "'; only DequantizeLinear is understood there");
            }
        }
        return readers;
    }

    private void remove(Node node, String name) {
        removed.add(node);
        if (!node.output(0).equals(name)) {
            renamed.put(node.output(0), name);
        }
    }

    /** Outputs of the network keep their names; else what was added for the tensor before the grid is taken off. */
    private String activationName(String raw, List<Node> readers) {
        Optional<String> output = readers.stream()
                .map(reader -> reader.output(0))
                .filter(quantized::isOutput)
                .findFirst();
        String name = output.orElse(withoutSuffix(raw, FLOAT_SUFFIX));
        if (!name.equals(raw)) {
            renamed.put(raw, name);
        }
        return name;
    }

    private String withoutSuffix(String tensor, String suffix) {
        if (!tensor.endsWith(suffix) || tensor.length() == suffix.length()) {
            return tensor;
        }
        String name = tensor.substring(0, tensor.length() - suffix.length());
        boolean taken = quantized.producer(name).isPresent()
                || quantized.initializers().containsKey(name)
                || quantized.inputs().stream().anyMatch(input -> input.name().equals(name));
        return taken ? tensor : name;
    }

    /** The integers of x read with another scale are a hard sigmoid: x slope + shift, bounded by the grid. */
    private void readGate(Node node, String input, Scales written) {
        Scales read = scales(node);
        if (read.zeroPoint()[0] != 0) {
            throw bad(node, "reads integers with another scale than they were written with");
        }
        float slope = read.scale()[0] / written.scale()[0];
        float shift = written.zeroPoint()[0] * read.scale()[0];
        replaced.put(
                node,
                Node.of("HardSigmoid", node.name(), List.of(input), List.of(node.output(0)))
                        .withNumber("alpha", slope)
                        .withNumber("beta", shift));
        activations.put(
                node.output(0),
                read.encoding(ElementType.UINT8, activations.get(input).bits()));
    }

    /** A Clip of Limbeck's that makes the grid one of fewer bits: its bounds are steps. */
    private boolean isGridClip(Node node, Encoding grid) {
        return node.op().equals("Clip")
                && node.name().contains(QdqNodes.CLIP_SUFFIX)
                && node.hasInput(1)
                && node.hasInput(2)
                && quantized.initializers().containsKey(node.input(1))
                && quantized.initializers().containsKey(node.input(2))
                && quantized.consumers(node.output(0)).size() == 1
                && isStep(node, 1, grid)
                && isStep(node, 2, grid)
                && clippedFormat(node, grid).isPresent();
    }

    private Encoding clipped(Node clip, Encoding grid) {
        NumberFormat format = clippedFormat(clip, grid).orElseThrow();
        // an integer keeps its distance from the lower bound
        int zeroPoint = grid.zeroPoint()[0] - step(clip, 1, grid) + format.lowest();
        return Encoding.perTensor(format, grid.scale()[0], zeroPoint);
    }

    /** The format with as many integers as lie between the bounds. */
    private Optional<NumberFormat> clippedFormat(Node clip, Encoding grid) {
        int low = step(clip, 1, grid);
        int high = step(clip, 2, grid);
        int zero = grid.zeroPoint()[0];
        for (int bits = NumberFormat.MIN_BITS; bits <= grid.bits(); bits++) {
            int steps = (1 << bits) - 1;
            if (high - low == steps) {
                boolean symmetric = zero - low == 1 << (bits - 1);
                return Optional.of(NumberFormat.integer(bits, symmetric ? Symmetry.SYMMETRIC : Symmetry.ASYMMETRIC));
            }
            if (high - low == steps - 1 && zero - low == steps / 2) {
                return Optional.of(NumberFormat.integer(bits, Symmetry.STRICT_SYMMETRIC));
            }
        }
        return Optional.empty();
    }

    private float bound(Node clip, int input) {
        return quantized.initializers().get(clip.input(input)).scalarFloat();
    }

    private int step(Node clip, int input, Encoding grid) {
        return grid.quantize(bound(clip, input), 0);
    }

    private boolean isStep(Node clip, int input, Encoding grid) {
        double exact = (step(clip, input, grid) - grid.zeroPoint()[0]) * (double) grid.scale()[0];
        return bound(clip, input) == (float) exact;
    }

    /** Floats of half precision and back. */
    private void readHalf(Node node) {
        if (node.integer("to", 0) != ElementType.FLOAT16.code()) {
            TensorValue stored = quantized.initializers().get(node.input(0));
            if (stored != null && stored.type() == ElementType.FLOAT16 && toFloat(node)) {
                String name = withoutSuffix(node.input(0), STORED_SUFFIX);
                editor.initializer(name, TensorValue.ofFloats(stored.floats(), stored.shape()));
                parameters.put(name, Encoding.floats(NumberFormat.FLOAT16));
                remove(node, name);
            }
            return;
        }
        List<Node> readers = quantized.consumers(node.output(0));
        if (!readers.isEmpty() && readers.stream().allMatch(QdqReader::toFloat)) {
            removed.add(node);
            String name = activationName(node.input(0), readers);
            readers.forEach(reader -> remove(reader, name));
            activations.put(name, Encoding.floats(NumberFormat.FLOAT16));
        }
    }

    private static boolean toFloat(Node node) {
        return node.op().equals("Cast") && node.integer("to", 0) == ElementType.FLOAT.code();
    }

    private static int bits(ElementType type) {
        return switch (type) {
            case INT4, UINT4 -> 4;
            case INT16, UINT16 -> 16;
            default -> 8;
        };
    }

    private Scales scales(Node node, long... shape) {
        TensorValue scale = constant(node, 1);
        int[] zeroPoint = new int[(int) scale.size()];
        if (node.hasInput(2)) {
            zeroPoint = Arrays.stream(constant(node, 2).longs())
                    .mapToInt(Math::toIntExact)
                    .toArray();
        }
        long blockSize = node.integer("block_size", 0);
        int axis = (int) node.integer("axis", 1);
        if (scale.size() == 1) {
            return new Scales(scale.floats(), zeroPoint, Encoding.PER_TENSOR, 0, 0);
        }
        axis = axis < 0 ? axis + shape.length : axis;
        if (shape.length == 0) {
            throw bad(node, "gives an activation " + scale.size() + " scales; encodings have one");
        }
        if (blockSize == 0) {
            return new Scales(scale.floats(), zeroPoint, axis, 0, 0);
        }
        if (axis > 1) {
            throw bad(node, "has blocks on axis " + axis + "; encodings have them on the first two");
        }
        long positions = TensorValue.elements(Arrays.copyOfRange(shape, 2, shape.length));
        List<Integer> kept = new ArrayList<>();
        float[] all = scale.floats();
        for (int i = 0; i < all.length; i++) {
            if (i % positions == 0) {
                kept.add(i);
            } else if (all[i] != all[kept.getLast()] || zeroPoint[i] != zeroPoint[kept.getLast()]) {
                throw bad(node, "has several scales for the positions of a kernel, which encodings cannot say");
            }
        }
        float[] values = new float[kept.size()];
        int[] zeros = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = all[kept.get(i)];
            zeros[i] = zeroPoint[kept.get(i)];
        }
        int blocks = Math.toIntExact(Math.ceilDiv(shape[axis], blockSize));
        return new Scales(values, zeros, 1 - axis, (int) blockSize, blocks);
    }

    /** As {@link Encoding}, with the zero points of the type in which integers are stored. */
    private record Scales(float[] scale, int[] zeroPoint, int axis, int blockSize, int blocks) {

        Encoding encoding(ElementType type, int bits) {
            boolean signed = type == ElementType.INT4 || type == ElementType.INT8 || type == ElementType.INT16;
            boolean zero = Arrays.stream(zeroPoint).allMatch(z -> z == 0);
            boolean symmetric = signed && zero;
            int shift = signed && !symmetric ? 1 << (bits - 1) : 0;
            int[] shifted = Arrays.stream(zeroPoint).map(z -> z + shift).toArray();
            NumberFormat format = NumberFormat.integer(bits, symmetric ? Symmetry.SYMMETRIC : Symmetry.ASYMMETRIC);
            return new Encoding(format, scale, shifted, axis, blockSize, blocks);
        }

        IntUnaryOperator index(long[] shape) {
            NumberFormat any = NumberFormat.integer(NumberFormat.MAX_BITS, Symmetry.ASYMMETRIC);
            return new Encoding(any, scale, zeroPoint, axis, blockSize, blocks).scaleIndex(shape);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Scales that
                    && Arrays.equals(scale, that.scale)
                    && Arrays.equals(zeroPoint, that.zeroPoint)
                    && axis == that.axis
                    && blockSize == that.blockSize;
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(scale) + Arrays.hashCode(zeroPoint);
        }
    }
}
