package dev.limbeck.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads times such as 90s, 30m, 2h and 1d. */
final class Durations implements ITypeConverter<Duration> {

    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9}) ?(ms|s|m|h|d)");

    @Override
    public Duration convert(String value) {
        Matcher matcher = WRITTEN.matcher(value);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + value + "' is no time; give one such as 90s, 30m, 2h or 1d");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}
