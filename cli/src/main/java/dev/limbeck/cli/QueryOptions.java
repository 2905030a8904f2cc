package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputResizing;
import dev.limbeck.schemas.Spec;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a network is asked, whose latency is measured. */
final class QueryOptions {

    @Option(
            names = "--batch",
            defaultValue = "1",
            paramLabel = "N",
            description = "Items of a query; default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--image-size",
            paramLabel = "SIDE|HEIGHTxWIDTH",
            converter = ImageSizes.class,
            description = "Of the images, in pixels; default: the networks' own.")
    private Spec.ImageSize imageSize;

    int batch() {
        return batch;
    }

    /** The network for these images. */
    Graph read(Path model) {
        Graph graph = Graph.read(model);
        return imageSize == null ? graph : InputResizing.resize(graph, imageSize.height(), imageSize.width());
    }

    /** "224" or "480x640" */
    static final class ImageSizes implements ITypeConverter<Spec.ImageSize> {

        private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,4})(?:x([1-9]\\d{0,4}))?");

        @Override
        public Spec.ImageSize convert(String text) {
            Matcher matcher = SIZE.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is no size in pixels, such as 224 or 480x640");
            }
            int height = Integer.parseInt(matcher.group(1));
            return new Spec.ImageSize(height, matcher.group(2) == null ? height : Integer.parseInt(matcher.group(2)));
        }
    }
}
