package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A network quantized in a form that can be trained (quantization-aware training, Jacob et al. 2018): its weights are floats that are
 * taken to their grids and back in each step, and the scales of the grids are learned with them (LSQ, Esser et al. 2020).
 *
 * <p>It begins with what quantization after training gives, from the same images and options. {@link #graph} is a graph like any
 * other, to be trained by whatever trains graphs; {@link #quantized} makes integers of what came out.
 */
public final class TrainableQuantization {

    private final QuantizeOptions options;
    private final TrainableGraph trainable;
    private final List<String> steps;

    TrainableQuantization(Quantizer.Calibrated calibrated, QuantizeOptions options, GridForm form, List<String> steps) {
        this.options = options;
        this.steps = List.copyOf(steps);
        trainable = new TrainableGraph(calibrated, form);
    }

    /**
     * @param network as for {@link Quantizer#quantize(Graph, Items, QuantizeOptions, Progress)}
     * @param calibrationImages that the first scales are chosen by
     * @throws BadInputException as there, and for grids that cannot be trained: of blocks, and of more than 8 bits but for 16
     */
    public static TrainableQuantization of(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, Progress progress) {
        return of(network, calibrationImages, options, GridForm.PLAIN, progress);
    }

    /**
     * As {@link #of}, by relaxed quantization (Louizos et al. 2019): values fall to one of the two points around them at random, the
     * less so the nearer they are, and how much so is learned as well.
     */
    public static TrainableQuantization relaxed(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, Progress progress) {
        return of(network, calibrationImages, options, new RelaxedForm(), progress);
    }

    private static TrainableQuantization of(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, GridForm form, Progress progress) {
        check(network, options);
        List<String> steps = new ArrayList<>();
        Quantizer.Calibrated calibrated =
                Quantizer.calibrated(network, Items.of(network, calibrationImages), options, steps, progress);
        return new TrainableQuantization(calibrated, options, form, steps);
    }

    /** @throws BadInputException where options do not go with training */
    static void check(Graph network, QuantizeOptions options) {
        if (options.granularity() instanceof Granularity.Blockwise || options.matMulBlockSize() > 0) {
            throw new BadInputException("network '" + network.name()
                    + "': weights in blocks cannot be trained; give one scale a channel or a tensor");
        }
        if (options.minimumSqnr().isPresent()) {
            throw new BadInputException(
                    "network '" + network.name()
                            + "': which activations stay in floats cannot be chosen by SQNR where the network is trained; leave it out");
        }
    }

    /** The network that is to be trained; its outputs are those of {@link #quantized}, but for the rounding of biases. */
    public Graph graph() {
        return trainable.graph();
    }

    /** @param trained the graph with the weights and scales that training gave it */
    public Quantized quantized(Graph trained) {
        Graph network = trainable.withoutGrids(trained);
        QuantizationPlan plan = new QuantizationPlan(network, options);
        Map<String, Encoding> learned = trainable.encodings(trained, plan);
        Graph quantized = new QdqWriter(network, plan, learned).write();
        List<String> all = new ArrayList<>(steps);
        all.add("weights and " + trainable.scales() + " scales trained");
        all.add(options.describeFormats());
        return new Quantized(quantized, learned, all);
    }
}
