package dev.limbeck.tensor;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.tensor.NodeContext.Use;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A graph compiled to steps over numbered slots; no tensor is made yet.
 *
 * <p>A step knows which tensors it is the last to read, so that they are freed while the graph still runs.
 */
final class Compilation {

    /** Operators whose gradient does not need their own output, so that the next may overwrite it. */
    private static final Set<String> OUTPUT_NOT_SAVED =
            Set.of("BatchNormalization", "Conv", "ConvTranspose", "Gemm", "Add");

    /** One node: where it reads, where it writes, and what can be freed after it; -1 for what is left out. */
    record Step(Node node, Operation operation, int[] inputs, int[] outputs, int[] lastUses) {}

    private final Graph graph;
    private final List<Step> steps = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Integer> slots = new HashMap<>();
    private final Map<String, Use> leaves = new LinkedHashMap<>();

    private Compilation(Graph graph) {
        this.graph = graph;
    }

    /** Compiles whatever can be; {@link #problems()} says what cannot. */
    static Compilation of(Graph graph) {
        Compilation compilation = new Compilation(graph);
        compilation.compile();
        return compilation;
    }

    /** @throws BadInputException naming every node that cannot be run with gradients */
    Compilation orThrow() {
        if (!problems.isEmpty()) {
            String known = problems.stream().anyMatch(p -> p.contains("uses op"))
                    ? " (supported operators: " + Operators.all().names() + ")"
                    : "";
            throw new BadInputException(
                    "graph '" + graph.name() + "' cannot be trained: " + String.join("; ", problems) + known);
        }
        return this;
    }

    Graph graph() {
        return graph;
    }

    List<Step> steps() {
        return steps;
    }

    /** One line for each node that cannot be run. */
    List<String> problems() {
        return problems;
    }

    /** Initializers that need a tensor, and how they are used. */
    Map<String, Use> leaves() {
        return leaves;
    }

    int slotCount() {
        return slots.size();
    }

    int slot(String tensor) {
        return slots.computeIfAbsent(tensor, t -> slots.size());
    }

    private void compile() {
        Operators operators = Operators.all();
        Set<String> overwritable = overwritable();
        graph.inputs().forEach(i -> slot(i.name()));
        Set<String> fused = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (fused.contains(node.output(0))) {
                continue;
            }
            Optional<QuantizerChain> chain = QuantizerChain.from(graph, node);
            chain.ifPresent(c -> fused.addAll(c.outputs()));
            OperatorCompiler compiler = chain.<OperatorCompiler>map(
                            c -> context -> QuantizationOperators.fused(context, c))
                    .orElseGet(() -> operators.get(node.op()));
            if (compiler == null) {
                problems.add("node '" + node.label() + "' uses op '" + node.op() + "', which is not supported");
                continue;
            }
            NodeContext context = new NodeContext(node, graph.opset(), graph.initializers(), overwritable);
            try {
                Operation operation = compiler.compile(context);
                if (QuantizerChain.clipsFor(graph, node)) {
                    operation = passingOn(operation);
                }
                Node last = chain.map(QuantizerChain::last).orElse(node);
                steps.add(new Step(last, operation, inputs(context), outputs(last), new int[0]));
            } catch (NodeContext.Refused refused) {
                problems.add("node '" + node.label() + "' (" + node.op() + "): " + refused.getMessage());
            }
        }
        graph.outputs().stream()
                .filter(o -> graph.initializers().containsKey(o.name()))
                .forEach(o -> use(o.name(), Use.CONSTANT));
        LearnedScales.of(graph).filter(leaves::containsKey).forEach(name -> leaves.put(name, Use.SCALE));
        addLastUses();
    }

    /** What a node gives is not made where nobody looks at it: the next one does the same by itself. */
    private static Operation passingOn(Operation operation) {
        return f -> {
            if (f.tapped()) {
                operation.run(f);
            } else {
                f.out(new Tensor(f.in(0)));
            }
        };
    }

    private int[] inputs(NodeContext context) {
        List<String> names = context.node().inputs();
        int[] inputs = new int[names.size()];
        for (int i = 0; i < inputs.length; i++) {
            Use use = context.uses().getOrDefault(i, Use.CONSTANT);
            String name = names.get(i);
            if (name.isEmpty() || use == Use.COMPILED) {
                inputs[i] = -1;
                continue;
            }
            if (graph.initializers().containsKey(name)) {
                use(name, use);
            }
            inputs[i] = slot(name);
        }
        return inputs;
    }

    /** The strongest use of all readers counts. */
    private void use(String name, Use use) {
        slot(name);
        Use before = leaves.get(name);
        if (before == null || before == Use.CONSTANT || use == Use.WEIGHT) {
            leaves.put(name, use);
        }
        Use now = leaves.get(name);
        if (before != null && (before == Use.STATISTIC) != (use == Use.STATISTIC) && now != Use.CONSTANT) {
            problems.add("tensor '" + name + "' is read both as a statistic and as something else");
        }
    }

    private int[] outputs(Node node) {
        return node.outputs().stream().mapToInt(o -> o.isEmpty() ? -1 : slot(o)).toArray();
    }

    private Set<String> overwritable() {
        Map<String, Integer> readers = new HashMap<>();
        graph.nodes().forEach(n -> n.inputs().forEach(i -> readers.merge(i, 1, Integer::sum)));
        Set<String> result = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (OUTPUT_NOT_SAVED.contains(node.op()) && readers.getOrDefault(node.output(0), 0) == 1) {
                result.add(node.output(0));
            }
        }
        graph.outputs().stream().map(ValueInfo::name).forEach(result::remove);
        return result;
    }

    private void addLastUses() {
        Set<Integer> stays = new HashSet<>();
        graph.inputs().forEach(i -> stays.add(slot(i.name())));
        graph.outputs().forEach(o -> stays.add(slot(o.name())));
        leaves.keySet().forEach(l -> stays.add(slot(l)));
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            List<Integer> last = new ArrayList<>();
            for (int[] side : new int[][] {step.inputs(), step.outputs()}) {
                for (int slot : side) {
                    if (slot >= 0 && stays.add(slot)) {
                        last.add(slot);
                    }
                }
            }
            int[] lastUses = last.stream().mapToInt(Integer::intValue).toArray();
            steps.set(i, new Step(step.node(), step.operation(), step.inputs(), step.outputs(), lastUses));
        }
    }
}
