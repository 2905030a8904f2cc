package dev.limbeck.cli;

import picocli.CommandLine.Option;

/** Which machines train for a run. */
final class TrainingClassOption {

    @Option(
            names = "--training-class",
            converter = ClassNames.class,
            paramLabel = "NAME",
            description =
                    "Class of machines that train for the run, those of 'limbeck worker gpu --class NAME'; default: those without "
                            + "a class.")
    private String name;

    /** Null for machines without a class. */
    String name() {
        return name;
    }
}
