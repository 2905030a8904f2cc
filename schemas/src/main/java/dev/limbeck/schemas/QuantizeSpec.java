package dev.limbeck.schemas;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * How a network is quantized, after training or by more of it.
 *
 * @param name of the way, and of the file; the weights' format by default, or "mixed"
 * @param method "auto" for the cheapest steps that meet the goal, "post-training" for those that are given; "qat",
 *     "relaxed" or "bayesian-bits" for training
 * @param calibration how ranges of activations are chosen: "minmax", "percentile", "sqnr", "mse" or "entropy"
 * @param goal drop of validation accuracy, as a fraction, that is good enough; null for none, which neither "auto" nor mixed precision
 *     without a budget can do without
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
 * @param budget share of the 8-bit network's bit-operations; null for a latency, or for the least with which the goal is met
 * @param mixedSearch how the precisions are chosen: "exact" or "greedy"; null where they are not
 * @param strength of Bayesian Bits: weight of bits and channels in the loss; null for other methods
 * @param minSqnr of the output on calibration images, in dB, for which activations that cost much stay in floats; null for none
 * @param budgetMillis latency that mixed precision has to keep to in the first scenario, in place of a budget; null for none. Specs say
 *     it as a budget with a unit
 */
public record QuantizeSpec(
        String name,
        String method,
        String calibration,
        @JsonInclude(JsonInclude.Include.NON_NULL) Double goal,
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
        @JsonInclude(JsonInclude.Include.NON_NULL) Double minSqnr,
        @JsonInclude(JsonInclude.Include.NON_NULL) Double budgetMillis) {

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

    /** What a way is called that has no name and chooses precisions. */
    static final String MIXED = "mixed";

    /** The methods that train. */
    static final List<String> TRAINING = List.of(QAT, RELAXED, BAYESIAN_BITS);

    public QuantizeSpec {
        images = images == null ? 512 : images;
        weights = weights == null ? "int8" : weights;
        name = name == null ? (mixed == null ? weights : MIXED) : name;
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
        boolean reaches = method.equals(AUTO) || (mixed != null && budget == null && budgetMillis == null);
        goal = goal == null && reaches ? Double.valueOf(0.01) : goal;
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
    public static QuantizeSpec defaults() {
        return new QuantizeSpec(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null, null, null, null);
    }

    /** Whether precisions are chosen by measured latency. */
    public boolean choosesByLatency() {
        return budgetMillis != null;
    }

    /** Whether the network is trained in the form in which it will be quantized. */
    public boolean trains() {
        return trains(method);
    }

    private static boolean trains(String method) {
        return method != null && TRAINING.contains(method);
    }

    /** These, for a network of another name. */
    public QuantizeSpec withName(String newName) {
        return with(newName, target);
    }

    /** Whether the target is the path of a file, which whoever reads the spec puts its text in place of. */
    boolean hasTargetFile() {
        return target != null && target.endsWith(".json");
    }

    QuantizeSpec withTarget(String description) {
        return with(name, description);
    }

    private QuantizeSpec with(String newName, String newTarget) {
        return new QuantizeSpec(
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
                minSqnr,
                budgetMillis);
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
}
