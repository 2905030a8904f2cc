package dev.limbeck.compress;

import dev.limbeck.graph.ChannelGroup;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Takes channels out of a network: a group after the other from its input on, each time fitting the layers that read them to give what
 * they gave in the whole network (He et al. 2017); at last all of these once more, in the order of the graph.
 */
final class ChannelPruner implements Compressor {

    private final Graph network;
    private final FitImages images;
    private final ChannelSelection selection;
    private final Map<String, ChannelGroup> groups = new LinkedHashMap<>();

    /** Of the group that was pruned last, alone: its shares are tried one after the other, and sums of all groups fill the memory. */
    private ChannelGroup lastAlone;

    private List<LayerFit> lastFits;

    /** @throws BadInputException if no channels of the network can be taken out, or there are no images */
    ChannelPruner(Graph network, FloatTensor images, ChannelSelection selection) {
        if (images.batch() == 0) {
            throw new BadInputException(
                    "channel-pruning fits layers by images; give at least one, better some hundred");
        }
        this.network = network;
        this.images = FitImages.of(network, images);
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
        Map<String, int[]> outputs = new HashMap<>(); // what is left, by the output of what makes it
        Map<Node, Integer> readers = new HashMap<>(); // number of channels that they read now
        for (ChannelGroup group : groups.values()) {
            int wanted = kept.getOrDefault(group.name(), group.channels());
            if (wanted < group.channels()) {
                now = prune(now, group, wanted, outputs);
                group.readers().forEach(reader -> readers.put(reader, wanted));
            }
        }
        return readers.size() > 1 ? fittedAgain(now, readers, outputs) : now;
    }

    /** In the order of the graph: each layer makes up for what has changed before it, while a group's were all fitted at once. */
    private Graph fittedAgain(Graph pruned, Map<Node, Integer> readers, Map<String, int[]> outputs) {
        Graph now = pruned;
        for (Node reader : network.nodes()) {
            if (readers.containsKey(reader)) {
                int channels = readers.get(reader);
                LayerFit fit = fits(now, List.of(reader), channels, outputs).getFirst();
                GraphEditor editor = now.edit();
                fit.write(editor, IntStream.range(0, channels).toArray());
                now = editor.build();
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

    private Graph prune(Graph now, ChannelGroup group, int wanted, Map<String, int[]> outputs) {
        List<LayerFit> fits = now == network ? fitsAlone(group) : fits(now, group.readers(), group.channels(), outputs);
        int[] kept = choose(group, fits, wanted);
        GraphEditor editor = now.edit();
        fits.forEach(fit -> fit.write(editor, kept));
        group.takeOut(editor, now, kept);
        group.makers().forEach(maker -> outputs.put(maker.output(0), kept));
        return editor.build();
    }

    private List<LayerFit> fitsAlone(ChannelGroup group) {
        if (group != lastAlone) {
            lastFits = null; // makes room first
            lastFits = fits(network, group.readers(), group.channels(), Map.of());
            lastAlone = group;
        }
        return lastFits;
    }

    private List<LayerFit> fits(Graph now, List<Node> readers, int channels, Map<String, int[]> outputs) {
        List<LayerFit> fits = new ArrayList<>();
        for (Node reader : readers) {
            int[] left = outputs.get(reader.output(0));
            int[] kept = left == null
                    ? IntStream.range(0, WeightOfReader.of(network, reader).outputs())
                            .toArray()
                    : left;
            fits.add(new LayerFit(network, reader, channels, kept, images.positions()));
        }
        List<String> readNow =
                fits.stream().flatMap(fit -> fit.readNow().stream()).distinct().toList();
        List<String> readThen =
                fits.stream().flatMap(fit -> fit.readThen().stream()).distinct().toList();
        try (Session pruned = Activations.open(now, readNow, SessionOptions.defaults());
                Session whole = Activations.open(network, readThen, SessionOptions.defaults())) {
            images.forEachBatch(batch -> {
                Map<String, FloatTensor> valuesNow = pruned.run(batch);
                Map<String, FloatTensor> valuesThen = whole.run(batch);
                fits.forEach(fit -> fit.add(valuesNow, valuesThen));
            });
        }
        return fits;
    }

    private int[] choose(ChannelGroup group, List<LayerFit> fits, int wanted) {
        int channels = group.channels();
        double[] importance = new double[channels];
        if (selection == ChannelSelection.MAGNITUDE) {
            for (LayerFit fit : fits) {
                WeightOfReader weight = fit.weight();
                for (int i = 0; i < channels * weight.places(); i++) {
                    importance[i / weight.places()] +=
                            Arrays.stream(weight.rows()[i]).map(w -> w * w).sum();
                }
            }
        } else {
            lasso(fits, wanted, importance);
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

    /** With Z_i the readers' outputs from channel i alone: sums of Z_i Z_j, and of Z_i and what they all are to give. */
    private static void lasso(List<LayerFit> fits, int wanted, double[] importance) {
        int channels = importance.length;
        double[][] gram = new double[channels][channels];
        double[] target = new double[channels];
        for (LayerFit fit : fits) {
            WeightOfReader weight = fit.weight();
            double[][] read = fit.equations().gram();
            double[][] given = fit.equations().target();
            int places = weight.places();
            int columns = channels * places;
            double[][] own = new double[channels][channels];
            double[] cross = new double[channels];
            double power = 0;
            for (int i = 0; i < columns; i++) {
                double[] row = weight.rows()[i];
                for (int j = 0; j < columns; j++) {
                    double product = dot(row, weight.rows()[j]) * read[i][j];
                    own[i / places][j / places] += product;
                    power += product;
                }
                cross[i / places] += dot(row, given[i]);
                if (weight.hasBias()) {
                    cross[i / places] -= dot(row, weight.rows()[columns]) * read[i][columns];
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

    private static double[][] rows(WeightOfReader weight, int[] kept) {
        return Arrays.stream(weight.rowsOf(kept))
                .mapToObj(i -> weight.rows()[i])
                .toArray(double[][]::new);
    }
}
