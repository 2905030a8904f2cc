package dev.limbeck.analyze;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.report.AnalysisPage;
import dev.limbeck.schemas.FiniteJson;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is known of a network: the content of the page of {@code limbeck analyze}. SQNR is that of a tensor against the float network's, 10
 * log10(sum x^2 / sum (x - y)^2), in decibels. What is not known is null.
 *
 * @param model file or name of the network
 * @param createdAt ISO 8601
 * @param data what it was looked at with
 * @param quantization how the quantized networks were made, in words
 * @param outcomes the float network, the quantized one and, where channels can be rescaled, the one equalized first
 * @param findings what matters most, the gravest first
 * @param missing why a section is null, by its name
 */
public record Analysis(
        String model,
        String limbeckVersion,
        String createdAt,
        Network network,
        Data data,
        String quantization,
        List<Outcome> outcomes,
        List<Finding> findings,
        List<LayerWeights> weights,
        List<LayerActivation> activations,
        Sensitivity sensitivity,
        AlongGraph alongGraph,
        Compression compression,
        Speed speed,
        Map<String, String> missing) {

    /**
     * @param macs multiply-accumulate operations for one item; null where shapes are not known
     * @param operators how often each occurs
     */
    public record Network(
            String digest,
            List<String> inputs,
            List<String> outputs,
            int nodes,
            int layers,
            Long macs,
            Long parameters,
            Map<String, Integer> operators) {}

    /**
     * @param calibration items that ranges of activations come from
     * @param judged items that accuracies and the output's SQNR come from
     * @param compared items that layers are compared on
     * @param labelled whether accuracies can be told
     */
    public record Data(String name, int calibration, int judged, int compared, boolean labelled) {}

    /**
     * One form of the network.
     *
     * @param accuracy top-1, as a fraction
     * @param sqnr of the output; null for the float network, or where it is the same
     * @param p50Millis median latency of one item; null where it was not measured
     * @param command that makes it
     */
    public record Outcome(String name, Double accuracy, Double sqnr, long bytes, Double p50Millis, String command) {

        Outcome withLatency(double newP50Millis) {
            return new Outcome(name, accuracy, sqnr, bytes, newP50Millis, command);
        }
    }

    /**
     * @param good whether it is something to be glad of
     * @param command that mends it, or makes use of it; empty where there is none for such a network
     * @param section of the page that shows it
     */
    public record Finding(boolean good, String title, String text, String command, String section) {}

    /**
     * Ranges of a layer's weights, output channel by output channel.
     *
     * @param spread largest over smallest max |w| of the channels
     * @param equalizedLeast null where nothing was equalized
     */
    public record LayerWeights(
            String layer,
            String op,
            float[] least,
            float[] most,
            double spread,
            float[] equalizedLeast,
            float[] equalizedMost,
            Double equalizedSpread) {}

    /** An activation before, and after equalization. */
    public record LayerActivation(String tensor, OnGrid plain, OnGrid equalized) {}

    /**
     * Values of an activation on its grid.
     *
     * @param counts of values in equal bins from least to most
     * @param gridSteps between the grid's ends
     * @param medianSteps that half of the channels reach across at most
     * @param channels how many there are
     */
    public record OnGrid(
            double least,
            double most,
            long[] counts,
            double gridLeast,
            double gridMost,
            int gridSteps,
            double medianSteps,
            int channels) {}

    /**
     * @param all SQNR of the output with every layer quantized
     * @param of how many layers the network has; fewer are shown where that is too many
     */
    public record Sensitivity(double all, int of, List<LayerSensitivity> layers) {}

    /**
     * @param alone SQNR of the output with only this layer quantized
     * @param without SQNR of the output with all layers but this one quantized
     */
    public record LayerSensitivity(String layer, String op, double alone, double without) {}

    /**
     * @param firstWrong tensor whose error is too large before that of any other; null where none is
     * @param equalizedFirstWrong the same after equalization
     */
    public record AlongGraph(
            double threshold,
            List<TensorError> tensors,
            String firstWrong,
            String why,
            String equalizedFirstWrong,
            String equalizedWhy) {}

    /**
     * SQNR of a tensor.
     *
     * @param layer that makes it
     * @param simulated as the file says, in floats
     * @param computed as ONNX Runtime does it, in integer kernels
     */
    public record TensorError(
            String tensor,
            String layer,
            String operator,
            boolean quantized,
            double simulated,
            double computed,
            Double equalizedSimulated,
            Double equalizedComputed) {}

    /** @param layers those that the scheme can compress, but no more than were asked for */
    public record Compression(String scheme, List<CompressedLayer> layers) {}

    /** @param macShare of the network's operations that the layer accounts for, as a fraction */
    public record CompressedLayer(String layer, double macShare, List<Share> shares) {}

    /**
     * @param ratio share of the layer that is kept
     * @param kept rank, or number of channels
     * @param macs of the network that are left, as a fraction
     * @param sqnr of the output
     */
    public record Share(double ratio, int kept, double macs, double sqnr) {}

    /**
     * @param processor and its instruction sets
     * @param fastProducts whether the processor multiplies 8-bit numbers and adds four products in one instruction
     * @param integerShare of convolutions and matrix products that run in integer kernels
     * @param steady whether runs agreed
     */
    public record Speed(
            String processor,
            List<String> instructionSets,
            boolean fastProducts,
            int threads,
            double floatMillis,
            double quantizedMillis,
            boolean steady,
            double integerShare,
            List<LayerTime> layers,
            List<Reason> reasons) {}

    /**
     * @param integer whether it runs in integer kernels; null where it has none to run in
     * @param why it is slower in integers; null where it is not
     */
    public record LayerTime(
            String layer,
            String op,
            double floatMicros,
            double quantizedMicros,
            List<NodeTime> floatNodes,
            List<NodeTime> quantizedNodes,
            Boolean integer,
            String why) {}

    /** One node of an optimized graph. */
    public record NodeTime(String op, double micros) {}

    /**
     * Why layers are slower in integers.
     *
     * @param lostMicros of one query, over all layers
     */
    public record Reason(String title, String text, String mend, List<String> layers, double lostMicros) {}

    Analysis withFindings(List<Finding> found) {
        return new Analysis(
                model,
                limbeckVersion,
                createdAt,
                network,
                data,
                quantization,
                outcomes,
                found,
                weights,
                activations,
                sensitivity,
                alongGraph,
                compression,
                speed,
                missing);
    }

    /** As JSON, in which numbers that are not finite are null. */
    public JsonNode tree() {
        return FiniteJson.of(new ObjectMapper().valueToTree(this));
    }

    /** Writes the page: one file that asks nothing of a network. */
    public void write(Path html) {
        AnalysisPage.write(model, tree(), html);
    }
}
