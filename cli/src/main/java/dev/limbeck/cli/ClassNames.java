package dev.limbeck.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads names of classes of machines, which become parts of names of queues and of metrics' labels. */
final class ClassNames implements ITypeConverter<String> {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*");

    @Override
    public String convert(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no class; give lower-case letters, digits and hyphens, as specs do");
        }
        return text;
    }
}
