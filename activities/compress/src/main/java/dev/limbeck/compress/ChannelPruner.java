package dev.limbeck.compress;

import dev.limbeck.graph.ChannelGroup;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Takes channels out of a network: a group after the other from its input on, each time fitting the layers that read them to give what
 * they gave in the whole network (He et al. 2017).
 */
final class ChannelPruner implements Compressor {

    private static final int MOST_IMAGES = 256;
    private static final int POSITIONS = 20;
    private static final int BATCH = 32;
    private static final long SEED = 20_170_719;

    private final Graph network;
    private final FloatTensor images;
    private final ChannelSelection selection;
    private final Map<String, ChannelGroup> groups = new LinkedHashMap<>();

    /** Of the group that was pruned last, alone: its shares are tried one after the other, and moments of all groups fill the memory. */
    private ChannelGroup lastAlone;

    private List<InputMoments> lastMoments;

    /** @throws BadInputException if no channels of the network can be taken out, or there are no images */
    ChannelPruner(Graph network, FloatTensor images, ChannelSelection selection) {
        if (images.batch() == 0) {
            throw new BadInputException(
                    "channel-pruning fits layers by images; give at least one, better some hundred");
        }
        this.network = network;
        this.images = images.slice(0, Math.min(MOST_IMAGES, images.batch()));
        this.selection = selection;
        ChannelGroup.of(network).forEach(group -> groups.put(group.name(), group));
        if (groups.isEmpty()) {
            throw new BadInputException(
                    "network '%s' has no channels that could be taken out: all reach its inputs or outputs,"
                                    .formatted(network.name())
                            + " or operators that mix them");
        }
    }

    @Override
    public List<Unit> units() {
        return groups.values().stream()
                .map(group -> new Unit(group.name(), group.channels()))
                .toList();
    }

    @Override
    public int kept(Unit unit, double ratio) {
        return (int) Math.max(1, Math.floor(unit.size() * ratio + 1e-9));
    }

    @Override
    public Graph compress(Map<String, Integer> kept) {
        Graph now = network;
        Map<String, int[]> channels = new HashMap<>(); // by the output of what makes them
        for (ChannelGroup group : groups.values()) {
            int wanted = kept.getOrDefault(group.name(), group.channels());
            if (wanted < group.channels()) {
                now = prune(now, group, wanted, channels);
            }
        }
        return now;
    }

    @Override
    public Graph shape(Map<String, Integer> kept) {
        Graph now = network;
        for (ChannelGroup group : groups.values()) {
            int wanted = kept.getOrDefault(group.name(), group.channels());
            if (wanted < group.channels()) {
                int[] first = IntStream.range(0, wanted).toArray();
                GraphEditor editor = now.edit();
                for (Node reader : group.readers()) {
                    WeightOfReader weight = WeightOfReader.of(now, reader);
                    weight.write(editor, rows(weight, first));
                }
                group.takeOut(editor, now, first);
                now = editor.build();
            }
        }
        return now;
    }

    private Graph prune(Graph now, ChannelGroup group, int wanted, Map<String, int[]> channels) {
        List<WeightOfReader> weights = group.readers().stream()
                .map(reader -> {
                    WeightOfReader weight = WeightOfReader.of(network, reader);
                    int[] outputs = channels.get(reader.output(0));
                    return outputs == null ? weight : weight.withOutputs(outputs);
                })
                .toList();
        List<InputMoments> moments = now == network ? momentsAlone(group, weights) : moments(now, group, weights);
        int[] kept = choose(group, weights, moments, wanted);
        GraphEditor editor = now.edit();
        for (int r = 0; r < weights.size(); r++) {
            weights.get(r).write(editor, fitted(weights.get(r), moments.get(r), kept));
        }
        group.takeOut(editor, now, kept);
        group.makers().forEach(maker -> channels.put(maker.output(0), kept));
        return editor.build();
    }

    private List<InputMoments> momentsAlone(ChannelGroup group, List<WeightOfReader> weights) {
        if (group != lastAlone) {
            lastMoments = null; // makes room first
            lastMoments = moments(network, group, weights);
            lastAlone = group;
        }
        return lastMoments;
    }

    private List<InputMoments> moments(Graph now, ChannelGroup group, List<WeightOfReader> weights) {
        List<String> inputs = group.readers().stream()
                .map(reader -> reader.input(0))
                .distinct()
                .toList();
        Map<String, FloatTensor> then = Activations.collect(network, inputs, images, BATCH, SessionOptions.defaults());
        Map<String, FloatTensor> own =
                now == network ? then : Activations.collect(now, inputs, images, BATCH, SessionOptions.defaults());
        return weights.stream()
                .map(weight -> {
                    String input = weight.node().input(0);
                    return InputMoments.of(
                            weight.node(), weight.kernel(), own.get(input), then.get(input), POSITIONS, SEED);
                })
                .toList();
    }

    private int[] choose(ChannelGroup group, List<WeightOfReader> weights, List<InputMoments> moments, int wanted) {
        int channels = group.channels();
        double[] importance = new double[channels];
        if (selection == ChannelSelection.MAGNITUDE) {
            for (WeightOfReader weight : weights) {
                for (int i = 0; i < channels * weight.places(); i++) {
                    importance[i / weight.places()] +=
                            Arrays.stream(weight.rows()[i]).map(w -> w * w).sum();
                }
            }
        } else {
            lasso(weights, moments, wanted, importance);
        }
        return IntStream.range(0, channels)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -importance[c])
                        .thenComparing(c -> c))
                .limit(wanted)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    /** With Z_i the readers' outputs from channel i alone: sums of Z_i Z_j now, and of Z_i and what they all made of the whole network. */
    private static void lasso(
            List<WeightOfReader> weights, List<InputMoments> moments, int wanted, double[] importance) {
        int channels = importance.length;
        double[][] gram = new double[channels][channels];
        double[] target = new double[channels];
        for (int r = 0; r < weights.size(); r++) {
            WeightOfReader weight = weights.get(r);
            InputMoments moment = moments.get(r);
            int places = weight.places();
            double[][] own = new double[channels][channels];
            double[] cross = new double[channels];
            double power = 0;
            for (int i = 0; i < channels * places; i++) {
                for (int j = 0; j < channels * places; j++) {
                    double product = dot(weight.rows()[i], weight.rows()[j]);
                    own[i / places][j / places] += product * moment.own()[i][j];
                    cross[i / places] += product * moment.cross()[i][j];
                    power += product * moment.own()[i][j];
                }
            }
            // each reader counts the same, whatever the size of its output
            double scale = power > 0 ? 1 / power : 0;
            for (int i = 0; i < channels; i++) {
                target[i] += scale * cross[i];
                for (int j = 0; j < channels; j++) {
                    gram[i][j] += scale * own[i][j];
                }
            }
        }
        double[] coefficients = LeastSquares.lasso(gram, target, wanted);
        for (int c = 0; c < channels; c++) {
            // where several leave at once, too few are left: the strongest of the others are put back
            importance[c] = coefficients[c] != 0 ? 2 + Math.abs(coefficients[c]) : gram[c][c] / (1 + gram[c][c]);
        }
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /** The rows by which the layer gives from the kept channels now what it gave from all of them then, in least squares. */
    private static double[][] fitted(WeightOfReader weight, InputMoments moment, int[] kept) {
        int[] chosen = weight.rowsOf(kept);
        int all = weight.rows().length;
        double[][] matrix = new double[chosen.length][chosen.length];
        double[][] right = new double[chosen.length][weight.outputs()];
        for (int i = 0; i < chosen.length; i++) {
            for (int j = 0; j < chosen.length; j++) {
                matrix[i][j] = moment.own()[chosen[i]][chosen[j]];
            }
            for (int j = 0; j < all; j++) {
                double factor = moment.cross()[chosen[i]][j];
                double[] row = weight.rows()[j];
                for (int o = 0; o < row.length; o++) {
                    right[i][o] += factor * row[o];
                }
            }
        }
        return LeastSquares.solve(matrix, right);
    }

    private static double[][] rows(WeightOfReader weight, int[] kept) {
        return Arrays.stream(weight.rowsOf(kept))
                .mapToObj(i -> weight.rows()[i])
                .toArray(double[][]::new);
    }
}
