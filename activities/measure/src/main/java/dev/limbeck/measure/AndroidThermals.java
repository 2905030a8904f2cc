package dev.limbeck.measure;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code dumpsys thermalservice} says (Android 10 and later).
 *
 * @param status 0 none, 1 light, 2 moderate, 3 severe, 4 critical, 5 emergency, 6 shutdown
 * @param celsius of the warmest of processor, graphics, battery and skin
 */
record AndroidThermals(int status, Optional<Double> celsius) {

    private static final int MODERATE = 2;
    private static final Pattern STATUS = Pattern.compile("Thermal Status: (\\d+)");

    // types: 0 CPU, 1 GPU, 2 battery, 3 skin; the others are no parts of the device that compute, or name no unit
    private static final Pattern TEMPERATURE =
            Pattern.compile("Temperature\\{mValue=(-?[0-9.]+), mType=([0-3]), mName=[^,]*, mStatus=\\d+\\}");

    /** @throws DeviceFailure if the output has no status */
    static AndroidThermals parse(String output) {
        Matcher status = STATUS.matcher(output);
        if (!status.find()) {
            throw new DeviceFailure("the phone does not tell its thermal status: Android 10 or later is needed");
        }
        // cached values come first and may be old
        int now = output.indexOf("Current temperatures from HAL");
        return new AndroidThermals(
                Integer.parseInt(status.group(1)),
                TEMPERATURE
                        .matcher(now < 0 ? output : output.substring(now))
                        .results()
                        .map(match -> Double.valueOf(match.group(1)))
                        .max(Double::compare));
    }

    boolean throttled() {
        return status >= MODERATE;
    }
}
