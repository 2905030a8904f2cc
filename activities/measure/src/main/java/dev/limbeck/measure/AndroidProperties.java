package dev.limbeck.measure;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a phone says of itself: the output of {@code getprop}, lines such as {@code [ro.product.model]: [Pixel 8]}. */
record AndroidProperties(Map<String, String> values) {

    private static final Pattern LINE = Pattern.compile("\\[([^\\]]+)\\]: \\[([^\\]]*)\\]");

    static AndroidProperties parse(String output) {
        Map<String, String> values = new HashMap<>();
        Matcher matcher = LINE.matcher(output);
        while (matcher.find()) {
            values.put(matcher.group(1), matcher.group(2));
        }
        return new AndroidProperties(values);
    }

    String model() {
        return (value("ro.product.manufacturer") + " " + value("ro.product.model")).strip();
    }

    /** Named since Android 12; the board's platform before. */
    String processor() {
        String named = (value("ro.soc.manufacturer") + " " + value("ro.soc.model")).strip();
        return named.isEmpty() ? value("ro.board.platform") : named;
    }

    String system() {
        return "Android " + value("ro.build.version.release");
    }

    String build() {
        return value("ro.build.fingerprint");
    }

    boolean isX86() {
        return value("ro.product.cpu.abi").startsWith("x86");
    }

    private String value(String name) {
        return values.getOrDefault(name, "");
    }
}
