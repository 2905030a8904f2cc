package dev.limbeck.quantize;

import dev.limbeck.quantize.RoundingOptions.Method;
import java.util.LinkedHashMap;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/** The methods of a quantization one after another, to see what each brings. */
public final class MethodStages {

    private MethodStages() {}

    /** Options by the name of the last method in them: each has the methods of those before and one more; the last one has all. */
    public static SequencedMap<String, QuantizeOptions> of(QuantizeOptions options) {
        RoundingOptions rounding = options.rounding();
        QuantizeOptions.Builder stage = options.toBuilder()
                .equalize(false)
                .smoothQuant(OptionalDouble.empty())
                .rounding(rounding.toBuilder()
                        .method(Method.NEAREST)
                        .candidates(0)
                        .build())
                .biasCorrection(false)
                .minimumSqnr(OptionalDouble.empty());
        SequencedMap<String, QuantizeOptions> stages = new LinkedHashMap<>();
        stages.put("calibration", stage.build());
        if (options.equalize()) {
            stages.put("equalization", stage.equalize(true).build());
        }
        if (options.smoothQuant().isPresent()) {
            stages.put("SmoothQuant", stage.smoothQuant(options.smoothQuant()).build());
        }
        if (options.minimumSqnr().isPresent()) {
            stages.put("float islands", stage.minimumSqnr(options.minimumSqnr()).build());
        }
        if (rounding.candidates() > 0) {
            stages.put(
                    "SeqMSE",
                    stage.rounding(rounding.toBuilder().method(Method.NEAREST).build())
                            .build());
        }
        if (rounding.method() != Method.NEAREST) {
            String name = rounding.method() == Method.ADAROUND ? "AdaRound" : "block reconstruction";
            stages.put(name, stage.rounding(rounding).build());
        }
        if (options.biasCorrection()) {
            stages.put("bias correction", stage.biasCorrection(true).build());
        }
        return stages;
    }
}
