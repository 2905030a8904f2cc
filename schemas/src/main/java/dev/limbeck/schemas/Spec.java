package dev.limbeck.schemas;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a run is to do: a reference, its data, the space around it, and the scenarios it must fit; or the reference and the ways in
 * which it is to be quantized.
 *
 * <p>Specs are written as YAML and read by {@link Specs}; {@code spec.schema.json} is their contract. Every field that may be left
 * out has its default here.
 *
 * @param job "optimize", or "quantize" for nothing but that
 * @param reference path of the trained network
 * @param quantize one entry; several with different names where that is the job
 * @param scenarios where the job is to quantize, those that the networks are measured in, if any
 * @param seed of everything random
 * @param compress how networks are made smaller before they are quantized; null for not at all
 */
public record Spec(
        String limbeck,
        String name,
        String job,
        String reference,
        Task task,
        Space space,
        Library library,
        Predictor predictor,
        Search search,
        Finetune finetune,
        List<QuantizeSpec> quantize,
        List<Scenario> scenarios,
        Goals goals,
        Long seed,
        @JsonInclude(JsonInclude.Include.NON_NULL) Compress compress) {

    private static final String QUANTIZE = "quantize";

    public Spec {
        job = job == null ? "optimize" : job;
        space = space == null ? new Space(null, null) : space;
        library = library == null ? new Library(null, null) : library;
        predictor = predictor == null ? new Predictor(null, null, null) : predictor;
        search = search == null ? new Search(null, null) : search;
        finetune = finetune == null ? new Finetune(null, null, null, null) : finetune;
        quantize = quantize == null ? List.of(QuantizeSpec.defaults()) : List.copyOf(quantize);
        scenarios = scenarios == null ? List.of() : List.copyOf(scenarios);
        goals = goals == null ? Goals.NONE : goals;
        seed = seed == null ? 1L : seed;
        Set<String> names = new HashSet<>();
        for (Scenario scenario : scenarios) {
            if (!names.add(scenario.name())) {
                throw new BadInputException(
                        "two scenarios are called '" + scenario.name() + "'; give each its own name");
            }
        }
    }

    /** The same spec with another path of the reference. */
    public Spec withReference(String path) {
        return new Spec(
                limbeck, name, job, path, task, space, library, predictor, search, finetune, quantize, scenarios, goals,
                seed, compress);
    }

    /** The same spec with other data. */
    public Spec withData(String nameOrPath) {
        Task other = new Task(task.type(), nameOrPath);
        return new Spec(
                limbeck, name, job, reference, other, space, library, predictor, search, finetune, quantize, scenarios,
                goals, seed, compress);
    }

    /** The same spec with other ways to quantize. */
    Spec withQuantize(List<QuantizeSpec> ways) {
        return new Spec(
                limbeck, name, job, reference, task, space, library, predictor, search, finetune, ways, scenarios,
                goals, seed, compress);
    }

    /** Whether the reference is only quantized: nothing is searched and nothing trained. */
    public boolean onlyQuantizes() {
        return job.equals(QUANTIZE);
    }

    /**
     * SHA-256, in hexadecimal, of everything that is asked for, defaults written out. How the file was written and where the
     * reference lies change nothing; what the reference holds has a digest of its own.
     */
    public String digest() {
        return CanonicalJson.digest(withReference(""));
    }

    /**
     * @param type only "classification" so far
     * @param data name of a dataset, or path
     */
    public record Task(String type, String data) {}

    /**
     * The search space.
     *
     * @param blocks null for automatic, or the tensors between which each block lies
     */
    public record Space(List<BlockCut> blocks, Vary vary) {
        public Space {
            blocks = blocks == null ? null : List.copyOf(blocks);
            vary = vary == null ? new Vary(null, null, null, null, null, null, null, null) : vary;
        }
    }

    /** A block between two tensors of the reference. */
    public record BlockCut(String from, String to) {}

    /** What is varied in every block; each block gets all combinations. */
    public record Vary(
            List<Integer> kernel,
            List<Integer> expansion,
            List<Integer> depth,
            List<Double> width,
            List<String> activation,
            List<String> attention,
            List<String> layer,
            List<Integer> heads) {
        public Vary {
            kernel = kernel == null ? List.of(3, 5) : List.copyOf(kernel);
            expansion = expansion == null ? List.of(2, 4) : List.copyOf(expansion);
            depth = depth == null ? List.of(1, 2) : List.copyOf(depth);
            width = width == null ? List.of(1.0) : List.copyOf(width);
            activation = activation == null ? List.of("relu") : List.copyOf(activation);
            attention = attention == null ? List.of("none", "se") : List.copyOf(attention);
            layer = layer == null ? List.of("depthwise") : List.copyOf(layer);
            heads = heads == null ? List.of(4) : List.copyOf(heads);
        }
    }

    /** @param images of the training set whose activations are cached */
    public record Library(Double epochs, Integer images) {
        public Library {
            epochs = epochs == null ? 1.0 : epochs;
            images = images == null ? 15_000 : images;
        }
    }

    /** @param networks finetuned to fit the accuracy predictor on */
    public record Predictor(Integer networks, Double epochs, Integer images) {
        public Predictor {
            networks = networks == null ? 24 : networks;
            epochs = epochs == null ? 1.0 : epochs;
            images = images == null ? 15_000 : images;
        }
    }

    /** Settings of NSGA-II. */
    public record Search(Integer population, Integer generations) {
        public Search {
            population = population == null ? 48 : population;
            generations = generations == null ? 20 : generations;
        }
    }

    /**
     * @param networks of each scenario's front
     * @param images of which an epoch consists, drawn anew from the training set for each; all by default
     */
    public record Finetune(Integer networks, Double epochs, Integer images, Double temperature) {
        public Finetune {
            networks = networks == null ? 5 : networks;
            epochs = epochs == null ? 5.0 : epochs;
            images = images == null ? Integer.MAX_VALUE : images;
            temperature = temperature == null ? 3.0 : temperature;
        }
    }

    /**
     * How a network is made smaller, in the words of {@code limbeck compress}.
     *
     * @param scheme "spatial-svd", "weight-svd" or "channel-pruning"
     * @param ratio share of the network's cost that may be left
     * @param selection how each layer's share is chosen: "exact", "greedy" or "uniform"
     * @param channels how pruning chooses channels: "lasso" or "magnitude"
     * @param multiple that ranks and numbers of channels are rounded down to
     * @param images of validation that candidates are judged by, and of training that layers are fitted to
     * @param epochs in which the smaller network learns from the reference and from labels; 0 for none
     * @param learningRate of that training, at its highest
     * @param cost that the ratio is of: "macs", or "latency" in the first scenario; null for operations
     */
    public record Compress(
            String scheme,
            Double ratio,
            String selection,
            String channels,
            Integer multiple,
            Integer images,
            Double epochs,
            Double learningRate,
            @JsonInclude(JsonInclude.Include.NON_NULL) String cost) {

        private static final String LATENCY = "latency";

        public Compress {
            ratio = ratio == null ? 0.5 : ratio;
            selection = selection == null ? "exact" : selection;
            channels = channels == null ? "lasso" : channels;
            multiple = multiple == null ? 1 : multiple;
            images = images == null ? 1000 : images;
            epochs = epochs == null ? 3.0 : epochs;
            learningRate = learningRate == null ? 1e-3 : learningRate;
            cost = LATENCY.equals(cost) ? cost : null;
        }

        /** Whether the ratio is of measured latency, not of operations. */
        public boolean choosesByLatency() {
            return cost != null;
        }
    }

    /**
     * A device and the conditions under which networks run there.
     *
     * @param device class of devices; "local" is this machine
     * @param imageSize of the images that latencies are measured on; null for the network's own input size
     * @param tune whether settings of the runtime are sought before latencies are measured for the report; null where not
     */
    public record Scenario(
            String name,
            String device,
            Precision precision,
            Integer threads,
            Integer batch,
            ImageSize imageSize,
            Limits limits,
            @JsonInclude(JsonInclude.Include.NON_NULL) Boolean tune) {
        public Scenario {
            device = device == null ? "local" : device;
            precision = precision == null ? Precision.FP32 : precision;
            threads = threads == null ? 1 : threads;
            batch = batch == null ? 1 : batch;
            limits = limits == null ? new Limits(null, null, null) : limits;
            tune = Boolean.TRUE.equals(tune) ? tune : null;
        }

        /** Whether settings of the runtime are sought. */
        public boolean tunes() {
            return tune != null;
        }
    }

    /** In pixels; as JSON it is [height, width]. */
    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    @JsonPropertyOrder({"height", "width"})
    public record ImageSize(int height, int width) {

        @Override
        public String toString() {
            return height + " x " + width;
        }
    }

    /** Of weights, activations and kernels. */
    public enum Precision {
        @JsonProperty("fp32")
        FP32,
        @JsonProperty("int8")
        INT8;

        /** As specs and results write it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a scenario allows; null where there is no limit. @param latency in milliseconds */
    public record Limits(Double latency, Long macs, Long parameters) {}

    /**
     * What one network of every scenario is expected to reach; null where nothing is asked for, all of it null where there are no
     * goals. {@link GoalCheck} holds results against them.
     *
     * @param accuracyDrop below the reference, as a fraction, at most; {@link #USUAL_DROP} where other goals are given
     * @param speedup over the reference, at least
     * @param latency median, in milliseconds, at most
     * @param size of the network's file, in bytes, at most
     */
    public record Goals(Double accuracyDrop, Double speedup, Double latency, Long size) {

        /** Of accuracy, where nothing else is said. */
        public static final double USUAL_DROP = 0.01;

        static final Goals NONE = new Goals(null, null, null, null);

        public Goals {
            if (accuracyDrop == null && (speedup != null || latency != null || size != null)) {
                accuracyDrop = USUAL_DROP;
            }
        }
    }
}
