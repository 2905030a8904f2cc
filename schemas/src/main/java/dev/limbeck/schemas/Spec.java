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
        List<Quantize> quantize,
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
        quantize = quantize == null ? List.of(Quantize.defaults()) : List.copyOf(quantize);
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
    Spec withQuantize(List<Quantize> ways) {
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
     * @param images of validation that candidates are judged by
     * @param epochs in which the smaller network learns to give what the reference gives; 0 for none
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
     * How a network is quantized, after training or by more of it.
     *
     * @param name of the way, and of the file; the weights' format by default, or "mixed"
     * @param method "auto" for the cheapest steps that meet the goal, "post-training" for those that are given; "qat",
     *     "relaxed" or "bayesian-bits" for training
     * @param calibration how ranges of activations are chosen: "minmax", "percentile", "sqnr", "mse" or "entropy"
     * @param goal drop of validation accuracy, as a fraction, at which "auto" is satisfied
     * @param images for calibration; 0 for none, with ranges from batch norms
     * @param weights "int2" to "int8", "int16", or "uint..."; "float16" or "float32" to keep floats
     * @param activations as above
     * @param target what the network is quantized for: a name, or the text of a description in JSON; null for ONNX Runtime on x86.
     *     Symmetry of grids, and whether weights have a scale for each channel, are then the target's
     * @param granularity of the weights' scales: "per-channel", "per-tensor" or "blockwise"
     * @param blockSize input channels that share a scale where granularity is blockwise
     * @param weightCalibration how ranges of weights are chosen
     * @param percentile of the values that calibration by percentile keeps
     * @param smoothQuant how much of the spread of activations goes into the weights, 0 to 1; null for none
     * @param packWeights weights of up to 4 bits as ONNX's 4-bit types; else a byte each
     * @param matMulBlockSize of matrix products by ONNX Runtime's MatMulNBits; 0 for none of them
     * @param epochs passes over the training images; null where the method trains nothing
     * @param learningRate of that training, at its highest; null where the method trains nothing
     * @param mixed what each group of layers may have: numbers of bits, of which every pair of weights and activations is meant, pairs such
     *     as "w4a8", "float"; null for one precision everywhere
     * @param budget share of the 8-bit network's bit-operations; null for the least with which the goal is met
     * @param mixedSearch how the precisions are chosen: "exact" or "greedy"; null where they are not
     * @param strength of Bayesian Bits: weight of bits and channels in the loss; null for other methods
     * @param minSqnr of the output on calibration images, in dB, for which activations that cost much stay in floats; null for none
     */
    public record Quantize(
            String name,
            String method,
            String calibration,
            Double goal,
            Integer images,
            String weights,
            String activations,
            String target,
            String granularity,
            Integer blockSize,
            String weightCalibration,
            Double percentile,
            Boolean equalize,
            Boolean biasCorrection,
            Double smoothQuant,
            Rounding rounding,
            Boolean packWeights,
            Integer matMulBlockSize,
            @JsonInclude(JsonInclude.Include.NON_NULL) Double epochs,
            @JsonInclude(JsonInclude.Include.NON_NULL) Double learningRate,
            @JsonInclude(JsonInclude.Include.NON_NULL) List<String> mixed,
            @JsonInclude(JsonInclude.Include.NON_NULL) Double budget,
            @JsonInclude(JsonInclude.Include.NON_NULL) String mixedSearch,
            @JsonInclude(JsonInclude.Include.NON_NULL) Double strength,
            @JsonInclude(JsonInclude.Include.NON_NULL) Double minSqnr) {

        /** Chooses steps itself, by accuracy on images. */
        public static final String AUTO = "auto";

        /** Takes the steps that are given. */
        public static final String POST_TRAINING = "post-training";

        /** Trains weights and scales by what the float network gives. */
        public static final String QAT = "qat";

        /** As above, on grids whose points are drawn at random in training. */
        public static final String RELAXED = "relaxed";

        /** Learns how many bits weights and activations need, too, and which channels. */
        public static final String BAYESIAN_BITS = "bayesian-bits";

        /** The methods that train. */
        static final List<String> TRAINING = List.of(QAT, RELAXED, BAYESIAN_BITS);

        public Quantize {
            goal = goal == null ? 0.01 : goal;
            images = images == null ? 512 : images;
            weights = weights == null ? "int8" : weights;
            name = name == null ? (mixed == null ? weights : "mixed") : name;
            activations = activations == null ? "uint8" : activations;
            granularity = granularity == null ? "per-channel" : granularity;
            blockSize = blockSize == null ? 32 : blockSize;
            // training moves the ends of grids but slowly, so it begins with those of the least error
            String ranges = trains(method) ? "mse" : "minmax";
            weightCalibration = weightCalibration == null ? ranges : weightCalibration;
            percentile = percentile == null ? 99.99 : percentile;
            rounding = rounding == null ? new Rounding(null, null, null, null) : rounding;
            boolean given = mixed != null
                    || calibration != null
                    || equalize != null
                    || biasCorrection != null
                    || smoothQuant != null
                    || minSqnr != null
                    || rounding.seqMse()
                    || !rounding.method().equals("nearest");
            method = method == null ? (given || images == 0 ? POST_TRAINING : AUTO) : method;
            calibration = calibration == null ? ranges : calibration;
            if (trains(method)) {
                // Bayesian Bits needs one more, with the bits fixed
                epochs = epochs == null ? (method.equals(BAYESIAN_BITS) ? 4.0 : 3.0) : epochs;
                learningRate = learningRate == null ? method.equals(QAT) ? 3e-3 : 1e-3 : learningRate;
            }
            if (mixed != null) {
                mixed = List.copyOf(mixed);
                mixedSearch = mixedSearch == null ? "exact" : mixedSearch;
            }
            equalize = equalize != null && equalize;
            biasCorrection = biasCorrection != null && biasCorrection;
            packWeights = packWeights != null && packWeights;
            matMulBlockSize = matMulBlockSize == null ? 0 : matMulBlockSize;
        }

        /** What a spec gets that says nothing. */
        public static Quantize defaults() {
            return new Quantize(
                    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                    null, null, null, null, null, null, null, null, null);
        }

        /** Whether the network is trained in the form in which it will be quantized. */
        public boolean trains() {
            return trains(method);
        }

        private static boolean trains(String method) {
            return method != null && TRAINING.contains(method);
        }

        /** These, for a network of another name. */
        public Quantize withName(String newName) {
            return with(newName, target);
        }

        /** Whether the target is the path of a file, which whoever reads the spec puts its text in place of. */
        boolean hasTargetFile() {
            return target != null && target.endsWith(".json");
        }

        Quantize withTarget(String description) {
            return with(name, description);
        }

        private Quantize with(String newName, String newTarget) {
            return new Quantize(
                    newName,
                    method,
                    calibration,
                    goal,
                    images,
                    weights,
                    activations,
                    newTarget,
                    granularity,
                    blockSize,
                    weightCalibration,
                    percentile,
                    equalize,
                    biasCorrection,
                    smoothQuant,
                    rounding,
                    packWeights,
                    matMulBlockSize,
                    epochs,
                    learningRate,
                    mixed,
                    budget,
                    mixedSearch,
                    strength,
                    minSqnr);
        }
    }

    /**
     * How weights are moved onto their grids.
     *
     * @param method "nearest", "adaround" or "block-reconstruction"
     * @param iterations for each layer or block
     * @param seqMse whether the scales of weights are chosen by what they do to the layer's output
     * @param candidates scales that are tried so for each channel; null for as many as usual
     */
    public record Rounding(
            String method,
            Integer iterations,
            Boolean seqMse,
            @JsonInclude(JsonInclude.Include.NON_NULL) Integer candidates) {
        public Rounding {
            method = method == null ? "nearest" : method;
            iterations = iterations == null ? 1000 : iterations;
            seqMse = seqMse != null && seqMse;
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
