package dev.limbeck.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads shares of a whole, such as "1%" or "0.01". */
final class Shares implements ITypeConverter<Double> {

    @Override
    public Double convert(String text) {
        try {
            boolean percent = text.endsWith("%");
            double value = Double.parseDouble(percent ? text.substring(0, text.length() - 1) : text);
            double share = percent ? value / 100 : value;
            if (share >= 0 && share < 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            // as any other text that is no share
        }
        throw new TypeConversionException("'" + text + "' is no share, such as 1% or 0.5%");
    }
}
