package dev.limbeck.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one method made of one network.
 *
 * @param network file name of the float network
 * @param tool who quantized
 * @param bits of the weights; activations have 8
 * @param perChannel a weight scale for each output channel; else one for each weight
 * @param steps what was done beyond rounding to nearest, such as "AdaRound"; empty for nothing
 * @param accuracy top-1 on the test images, as a fraction
 * @param seconds from the float network to the quantized one
 * @param cpuSeconds of all threads in that time
 * @param model the quantized file; empty where the tool wrote none
 */
record QuantizationRow(
        String network,
        String tool,
        int bits,
        boolean perChannel,
        String steps,
        double accuracy,
        double seconds,
        double cpuSeconds,
        Optional<Path> model) {

    static final String LIMBECK = "Limbeck";
    static final String ONNX_RUNTIME = "onnxruntime";
    static final String AIMET = "aimet-onnx";

    /** A row that bench/peers/quantization.py wrote. */
    static QuantizationRow of(JsonNode row) {
        List<String> steps = new ArrayList<>();
        if (row.get("equalize").asBoolean()) {
            steps.add("equalized");
        }
        if (row.get("seqMse").asBoolean()) {
            steps.add("SeqMSE");
        }
        if (row.get("adaround").asBoolean()) {
            steps.add("AdaRound");
        }
        return new QuantizationRow(
                row.get("network").asText(),
                row.get("tool").asText(),
                row.get("bits").asInt(),
                row.get("perChannel").asBoolean(),
                String.join(", ", steps),
                row.get("accuracy").asDouble(),
                row.get("seconds").asDouble(),
                row.get("cpuSeconds").asDouble(),
                Optional.ofNullable(row.get("model")).map(JsonNode::asText).map(Path::of));
    }

    /** The line of a table to which this row belongs. */
    String method() {
        return steps.isEmpty() ? tool : tool + ", " + steps;
    }
}
