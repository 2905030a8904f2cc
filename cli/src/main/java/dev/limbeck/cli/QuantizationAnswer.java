package dev.limbeck.cli;

import dev.limbeck.quantize.Quantized;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a quantization came to.
 *
 * @param json what --json answers
 * @param lines the same for people
 * @param summary in one line
 * @param warning what makes it a failure all the same
 * @param dataDigest of the data, if any were used
 */
record QuantizationAnswer(
        Quantized quantized,
        Map<String, Object> json,
        List<String> lines,
        String summary,
        Optional<String> warning,
        Optional<String> dataDigest) {

    QuantizationAnswer(
            Quantized quantized,
            Map<String, Object> json,
            List<String> lines,
            String summary,
            Optional<String> warning) {
        this(quantized, json, lines, summary, warning, Optional.empty());
    }

    QuantizationAnswer madeOf(String digest) {
        return new QuantizationAnswer(quantized, json, lines, summary, warning, Optional.of(digest));
    }

    /** The same of a network whose layers have chosen precisions. */
    QuantizationAnswer mixed(MixedWork.Chosen chosen) {
        Map<String, Object> more = new LinkedHashMap<>(json);
        more.put("mixed", chosen.report());
        chosen.millis().ifPresent(millis -> more.put("latencyMillis", millis));
        List<String> both = new ArrayList<>(chosen.report().lines());
        both.addAll(lines);
        String said = summary + "; " + chosen.report().summary()
                + chosen.millis().map(", measured %.3f ms"::formatted).orElse("");
        return new QuantizationAnswer(quantized, more, both, said, chosen.warning(), dataDigest);
    }

    /** What may make the network better, where it is much worse than the float one; or how to find that out. */
    Optional<String> advice() {
        return Optional.ofNullable((String) json.get("advice"));
    }

    static QuantizationAnswer withoutData(Quantized quantized, double seconds) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("seconds", seconds);
        json.put("steps", quantized.steps());
        json.put(
                "advice",
                "how good the network is was not tried: --data tells, or 'limbeck compare FLOAT.onnx QUANTIZED.onnx --data …'");
        return new QuantizationAnswer(
                quantized,
                json,
                quantized.steps().stream().map(step -> "  " + step).toList(),
                "quantized in %.1f s".formatted(seconds),
                Optional.empty());
    }
}
