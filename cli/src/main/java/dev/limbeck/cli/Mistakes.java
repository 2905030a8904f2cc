package dev.limbeck.cli;

import dev.limbeck.schemas.EditDistance;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Wrong usage in words. */
final class Mistakes {

    private static final int MOST_EDITS = 2;

    private Mistakes() {}

    static String describe(ParameterException mistake) {
        CommandLine command = mistake.getCommandLine();
        if (mistake instanceof UnmatchedArgumentException unmatched) {
            return unmatched(command, unmatched);
        }
        return mistake.getMessage()
                .replace("is not a double", "is not a number")
                .replaceAll("is not an? (int|long)", "is not a whole number");
    }

    private static String unmatched(CommandLine command, UnmatchedArgumentException mistake) {
        String first = mistake.getUnmatched().getFirst();
        List<String> near = mistake.getSuggestions();
        String hint = near.isEmpty()
                ? ""
                : "; did you mean " + near.stream().map(s -> "'" + s + "'").collect(Collectors.joining(" or ")) + "?";
        if (first.startsWith("-")) {
            // picocli's own suggestions overlook letters that have changed places
            String wanted = first.replaceAll("=.*", "");
            String nearest = command.getCommandSpec().optionsMap().keySet().stream()
                    .filter(name -> EditDistance.between(name, wanted) <= MOST_EDITS && name.length() > 2)
                    .min(Comparator.comparingInt(name -> EditDistance.between(name, wanted)))
                    .map(name -> "; did you mean '" + name + "'?")
                    .orElse(hint);
            return "there is no option '" + first + "'" + nearest;
        }
        // picocli's nearest command is often far off, and there are few
        return command.getCommand() instanceof Callable
                ? "'" + first + "' is one argument too many" + hint
                : "there is no command '" + first + "'; known are: "
                        + String.join(", ", command.getSubcommands().keySet());
    }
}
