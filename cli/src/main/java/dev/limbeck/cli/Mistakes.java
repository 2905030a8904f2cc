package dev.limbeck.cli;

import dev.limbeck.schemas.EditDistance;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Wrong usage in words. */
final class Mistakes {

    private static final int MOST_EDITS = 2;

    private Mistakes() {}

    /** @param given all arguments of the command line */
    static String describe(ParameterException mistake, String... given) {
        CommandLine command = mistake.getCommandLine();
        if (mistake instanceof UnmatchedArgumentException unmatched) {
            return unmatched(command, unmatched);
        }
        if (mistake instanceof MissingParameterException) {
            // what is missing may be there, misspelt
            Optional<String> unknown = Arrays.stream(given)
                    .filter(argument -> isUnknown(command, argument))
                    .findFirst();
            if (unknown.isPresent()) {
                return noOption(command, unknown.get(), "");
            }
        }
        return mistake.getMessage()
                .replace("is not a double", "is not a number")
                .replaceAll("is not an? (int|long)", "is not a whole number");
    }

    private static boolean isUnknown(CommandLine command, String argument) {
        String name = nameOf(argument);
        return name.startsWith("--")
                && name.length() > 2
                && !command.getCommandSpec().optionsMap().containsKey(name)
                && !command.getCommandSpec().negatedOptionsMap().containsKey(name);
    }

    private static String nameOf(String option) {
        return option.replaceAll("=.*", "");
    }

    private static String unmatched(CommandLine command, UnmatchedArgumentException mistake) {
        String first = mistake.getUnmatched().getFirst();
        List<String> near = mistake.getSuggestions();
        String hint = near.isEmpty()
                ? ""
                : "; did you mean " + near.stream().map(s -> "'" + s + "'").collect(Collectors.joining(" or ")) + "?";
        if (first.startsWith("-")) {
            return noOption(command, first, hint);
        }
        // picocli's nearest command is often far off, and there are few
        return command.getCommand() instanceof Callable
                ? "'" + first + "' is one argument too many" + hint
                : "there is no command '" + first + "'"
                        + nearest(command.getSubcommands().keySet(), first).orElse("") + "; known are: "
                        + String.join(", ", command.getSubcommands().keySet());
    }

    /** picocli's own suggestions overlook letters that have changed places. */
    private static String noOption(CommandLine command, String option, String otherHint) {
        return "there is no option '" + option + "'"
                + nearest(command.getCommandSpec().optionsMap().keySet(), nameOf(option))
                        .orElse(otherHint);
    }

    private static Optional<String> nearest(Set<String> names, String wanted) {
        return names.stream()
                .filter(name -> EditDistance.between(name, wanted) <= MOST_EDITS && name.length() > 2)
                .min(Comparator.comparingInt(name -> EditDistance.between(name, wanted)))
                .map(name -> "; did you mean '" + name + "'?");
    }
}
