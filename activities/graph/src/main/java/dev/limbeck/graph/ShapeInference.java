package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The shape and element type of every tensor of a graph.
 *
 * <p>Rules of the operators stand in a table and see complete shapes only. Small tensors are evaluated on the way, so that shapes
 * computed from shapes (Shape, Gather, Concat, Reshape) are known. A dimension that stays dynamic is inferred by running the rules
 * with two different sizes: what differs depends on it.
 */
public final class ShapeInference {

    private static final Map<String, ShapeRule> RULES = rules();

    // Sizes tried in place of dynamic dimensions; distinct, and large enough for strided convolutions.
    private static final long[] BATCHES = {2, 3, 5};
    private static final long[] SIZES = {192, 224, 1080};

    /** Operators that pick elements of their first input: those that the trials agree on are certain beside others. */
    private static final Set<String> SELECTING = Set.of(
            "Shape", "Gather", "Slice", "Split", "Squeeze", "Unsqueeze", "Reshape", "Cast", "CastLike", "Identity");

    private ShapeInference() {}

    private static Map<String, ShapeRule> rules() {
        Map<String, ShapeRule> rules = new HashMap<>();
        ElementwiseRules.addTo(rules);
        ConvolutionRules.addTo(rules);
        MatrixRules.addTo(rules);
        LayoutRules.addTo(rules);
        IndexingRules.addTo(rules);
        ReductionRules.addTo(rules);
        ConstantRules.addTo(rules);
        QuantizedRules.addTo(rules);
        return Map.copyOf(rules);
    }

    /** Operators that have a rule, sorted. */
    public static Set<String> supported() {
        return Collections.unmodifiableSet(new TreeSet<>(RULES.keySet()));
    }

    /**
     * @param inputShapes shapes by input name; inputs that are left out have the shape that the graph declares. A dimension may be
     *     {@link ValueInfo#DYNAMIC}, and those that depend on it are dynamic in the result
     * @return every input, initializer and tensor by name, in the order in which they are made
     * @throws BadInputException naming the node, if an operator is not known, shapes do not fit one another, or a shape depends on
     *     the data
     */
    public static Map<String, ValueInfo> infer(Graph graph, Map<String, long[]> inputShapes) {
        return Collections.unmodifiableMap(run(graph, inputShapes).infos());
    }

    /**
     * @param batch what takes the place of a dynamic first dimension of every input; {@link ValueInfo#DYNAMIC} leaves it dynamic
     * @throws BadInputException also if another dimension of an input is dynamic
     */
    public static Map<String, ValueInfo> infer(Graph graph, long batch) {
        return infer(graph, inputShapes(graph, batch));
    }

    /** Declared shapes with the batch put in. */
    static Map<String, long[]> inputShapes(Graph graph, long batch) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (ValueInfo input : graph.inputs()) {
            long[] shape = input.shape();
            if (shape == null) {
                continue;
            }
            if (shape.length > 0 && shape[0] == ValueInfo.DYNAMIC) {
                shape[0] = batch;
            }
            for (int i = 1; i < shape.length; i++) {
                if (shape[i] == ValueInfo.DYNAMIC) {
                    throw new BadInputException("dimension " + i + " of input '" + input.name() + "' " + input
                            + " is dynamic; only the batch may be: say what size it has");
                }
            }
            shapes.put(input.name(), shape);
        }
        return shapes;
    }

    /** What a run found out. */
    record Inferred(Map<String, ValueInfo> infos, Map<String, KnownValue> known) {}

    static Inferred run(Graph graph, Map<String, long[]> inputShapes) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (ValueInfo input : graph.inputs()) {
            long[] shape = inputShapes.getOrDefault(input.name(), input.shape());
            if (shape == null) {
                throw new BadInputException("input '" + input.name() + "' declares no shape; say what shape it has");
            }
            shapes.put(input.name(), shape);
        }
        boolean dynamic = shapes.values().stream().flatMapToLong(Arrays::stream).anyMatch(d -> d == ValueInfo.DYNAMIC);
        if (!dynamic) {
            return runComplete(graph, shapes);
        }
        Inferred first = runComplete(graph, completed(shapes, 0));
        Inferred second = runComplete(graph, completed(shapes, 1));
        return merged(graph, first, second);
    }

    /**
     * A layer whose weights are for other inputs than come in, whatever the sizes that are dynamic. Nodes whose shapes cannot be
     * inferred for another reason are left out, and so is what depends on them.
     *
     * @return what is wrong with it, and how to mend that
     */
    static Optional<String> misfit(Graph graph) {
        List<String> found = misfits(graph, 0);
        for (int trial = 1; trial < SIZES.length && !found.isEmpty(); trial++) {
            found.retainAll(misfits(graph, trial));
        }
        return found.stream().findFirst();
    }

    private static List<String> misfits(Graph graph, int trial) {
        List<String> found = new ArrayList<>();
        runComplete(graph, declared(graph, trial), failure -> {
            if (failure instanceof MisfitException) {
                found.add(failure.getMessage());
            }
        });
        return found;
    }

    /** Values of small tensors, some of them for certain sizes of the inputs only; without what cannot be inferred. */
    static Map<String, KnownValue> whatIsKnown(Graph graph) {
        return runComplete(graph, declared(graph, 0), failure -> {}).known();
    }

    /** Shapes of tensors for the sizes that the inputs declare, and some sizes where these are dynamic; without what cannot be inferred. */
    static Map<String, ValueInfo> asDeclared(Graph graph) {
        return runComplete(graph, declared(graph, 0), failure -> {}).infos();
    }

    private static Map<String, long[]> declared(Graph graph, int trial) {
        Map<String, long[]> declared = new LinkedHashMap<>();
        graph.inputs().stream()
                .filter(input -> input.shape() != null)
                .forEach(input -> declared.put(input.name(), input.shape()));
        return completed(declared, trial);
    }

    private static Map<String, long[]> completed(Map<String, long[]> shapes, int trial) {
        Map<String, long[]> completed = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            long[] sizes = shape.clone();
            for (int i = 0; i < sizes.length; i++) {
                if (sizes[i] == ValueInfo.DYNAMIC) {
                    sizes[i] = i == 0 ? BATCHES[trial] : SIZES[trial];
                }
            }
            completed.put(name, sizes);
        });
        return completed;
    }

    private static Inferred merged(Graph graph, Inferred first, Inferred second) {
        Map<String, ValueInfo> infos = new LinkedHashMap<>();
        first.infos().forEach((name, info) -> {
            long[] shape = info.shape();
            long[] other = second.infos().get(name).shape();
            if (shape.length != other.length) {
                throw new BadInputException("tensor '" + name + "' has " + shape.length + " or " + other.length
                        + " dimensions, depending on the size of the input");
            }
            for (int i = 0; i < shape.length; i++) {
                shape[i] = shape[i] == other[i] ? shape[i] : ValueInfo.DYNAMIC;
            }
            infos.put(name, new ValueInfo(name, info.type(), shape));
        });
        return new Inferred(infos, certain(graph, first.known(), second.known()));
    }

    /**
     * Values that are the same for every size: those that both trials agree on, unless they were computed from something that the
     * trials do not agree on. Whether a dimension is 1, say, is answered alike for both sizes, and not for all.
     */
    private static Map<String, KnownValue> certain(
            Graph graph, Map<String, KnownValue> first, Map<String, KnownValue> second) {
        Map<String, KnownValue> certain = new HashMap<>();
        graph.initializers().keySet().stream()
                .filter(first::containsKey)
                .forEach(name -> certain.put(name, first.get(name)));
        for (Node node : graph.nodes()) {
            boolean free = deciding(node).stream().allMatch(i -> certain.containsKey(i) || !first.containsKey(i));
            for (String output : node.outputs()) {
                KnownValue value = first.get(output);
                KnownValue other = second.get(output);
                if (free
                        && value != null
                        && other != null
                        && Arrays.equals(value.shape(), other.shape())
                        && Arrays.equals(value.values(), other.values())) {
                    certain.put(output, value);
                }
            }
        }
        return certain;
    }

    /** Inputs that every element of the output depends on. */
    private static List<String> deciding(Node node) {
        if (node.op().equals("Concat")) {
            return List.of();
        }
        List<String> inputs = node.inputs();
        return inputs.subList(SELECTING.contains(node.op()) ? Math.min(1, inputs.size()) : 0, inputs.size());
    }

    private static Inferred runComplete(Graph graph, Map<String, long[]> shapes) {
        return runComplete(graph, shapes, failure -> {
            throw failure;
        });
    }

    /** @param onFailure what to do about a node whose outputs' shapes cannot be inferred */
    private static Inferred runComplete(
            Graph graph, Map<String, long[]> shapes, Consumer<BadInputException> onFailure) {
        Map<String, ValueInfo> infos = new LinkedHashMap<>();
        Map<String, KnownValue> known = new HashMap<>();
        for (ValueInfo input : graph.inputs()) {
            long[] shape = shapes.get(input.name());
            if (shape != null) {
                infos.put(input.name(), new ValueInfo(input.name(), input.type(), shape));
            }
        }
        graph.initializers()
                .forEach((name, value) -> infos.put(name, new ValueInfo(name, value.type(), value.shape())));
        int opset = graph.opset();
        for (Node node : graph.nodes()) {
            try {
                infer(new OpContext(node, opset, graph.initializers(), infos, known));
            } catch (BadInputException e) {
                onFailure.accept(e);
            }
        }
        return new Inferred(infos, known);
    }

    private static void infer(OpContext op) {
        ShapeRule rule = RULES.get(op.node().op());
        if (rule == null) {
            throw op.fail("uses an operator whose output shape is not known to Limbeck (known: "
                    + String.join(", ", supported()) + ")");
        }
        try {
            rule.infer(op);
        } catch (BadInputException e) {
            throw e;
        } catch (ArithmeticException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NegativeArraySizeException
                | NoSuchElementException
                | NullPointerException e) {
            throw new BadInputException(op.mismatch().getMessage() + "; the file is damaged, or not valid ONNX", e);
        }
    }
}
