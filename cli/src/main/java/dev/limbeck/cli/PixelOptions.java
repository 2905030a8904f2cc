package dev.limbeck.cli;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.schemas.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How pixels become numbers. */
final class PixelOptions {

    @Option(
            names = "--mean",
            split = ",",
            paramLabel = "X[,X,X]",
            hideParamSyntax = true,
            description =
                    "What is taken from pixels divided by 255: one number, or one for each channel. It is written into the model.")
    private float[] mean;

    @Option(
            names = "--std",
            split = ",",
            paramLabel = "X[,X,X]",
            hideParamSyntax = true,
            description =
                    "By what the difference is divided. Without --mean and --std the model's own hold, if it has any.")
    private float[] std;

    /** What --mean and --std say. @throws BadInputException if only one of them is given */
    Optional<InputNormalization> normalization() {
        if (mean == null && std == null) {
            return Optional.empty();
        }
        if (mean == null || std == null) {
            throw new BadInputException("give --mean and --std together, or neither of them");
        }
        return Optional.of(new InputNormalization(mean, std));
    }

    /** The same, for another command. */
    List<String> arguments() {
        return mean == null || std == null ? List.of() : List.of("--mean", joined(mean), "--std", joined(std));
    }

    private static String joined(float[] numbers) {
        List<String> texts = new ArrayList<>();
        for (float number : numbers) {
            texts.add(String.valueOf(number));
        }
        return String.join(",", texts);
    }

    /** @throws BadInputException if --mean and --std are given for what are no pixels */
    void check(SampleSplits data) {
        if (normalization().isPresent() && !data.train().hasPixels()) {
            throw new BadInputException(
                    "the data are floats, which are taken as they are; --mean and --std are for pixels (uint8 or image files)");
        }
    }

    /** The network in a file, with what --mean and --std say in its metadata. */
    Graph read(Path model) {
        Optional<InputNormalization> given = normalization();
        Graph network = Graph.read(model);
        return given.map(normalization -> normalization.writeTo(network)).orElse(network);
    }
}
