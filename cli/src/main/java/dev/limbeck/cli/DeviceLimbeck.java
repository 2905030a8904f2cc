package dev.limbeck.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The {@code limbeck} command as it is on a small device: {@code limbeck worker device}, with the same options as everywhere, on a class
 * path without libtorch and servers. The other commands must not even be looked at here: what they are made of is missing.
 */
public final class DeviceLimbeck {

    private DeviceLimbeck() {}

    public static void main(String[] arguments) {
        System.exit(commandLine(Limbeck.ofThisProcess()).execute(arguments));
    }

    private static CommandLine commandLine(Console console) {
        Limbeck limbeck = new Limbeck(console);
        CommandSpec worker = group(new WorkerCommand(limbeck), "Runs a worker of a fleet until it is stopped.")
                .addSubcommand("device", new CommandLine(new WorkerCommand.DeviceCommand()));
        return Limbeck.configured(
                new CommandLine(
                        group(limbeck, "Measures networks for a fleet; this package holds nothing else of limbeck.")
                                .name("limbeck")
                                .addSubcommand("worker", new CommandLine(worker))),
                console);
    }

    private static CommandSpec group(Object command, String description) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command).mixinStandardHelpOptions(true);
        spec.usageMessage().description(description);
        return spec;
    }
}
