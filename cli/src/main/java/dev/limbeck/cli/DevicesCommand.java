package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.workers.common.DeviceRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Lists the farm. */
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the devices that have ever registered themselves, and what each of them does.",
            "",
            "A device that is silent for three of its beats is absent; a hot or quarantined one takes no tasks until it is well."
        },
        footer = {"", "Example:", "  limbeck devices --temporal temporal:7233 --kafka kafka:9092"})
final class DevicesCommand implements Callable<Integer> {

    private static final List<String> HEAD =
            List.of("class", "device", "state", "since", "temperature", "model", "processor", "system", "runtime");

    @ParentCommand
    private Limbeck parent;

    @Mixin
    private ServerOptions serverOptions;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        if (serverOptions.kafka().isEmpty()) {
            throw new BadInputException(
                    "--kafka HOST:PORT or LIMBECK_KAFKA is missing: the broker where devices register themselves; "
                            + "'limbeck up' starts one for trying out, and says where");
        }
        Clock clock = Clock.systemUTC();
        try (Servers servers = new Servers(serverOptions, parent.console().json());
                DeviceRegistry registry = new DeviceRegistry(
                        servers.kafkaProperties(), parent.console().json(), servers.metrics(), clock)) {
            List<DeviceState> devices = registry.devices();
            if (outputOptions.json()) {
                parent.console().printJson(devices);
            } else {
                table(devices, clock.instant()).forEach(parent.console()::print);
            }
        }
        return ExitCodes.DONE;
    }

    /** Lines of a table whose columns are as wide as they must be. */
    static List<String> table(List<DeviceState> devices, Instant now) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        devices.forEach(device -> rows.add(row(device, now)));
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int position = column;
                int width = rows.stream()
                        .mapToInt(other -> other.get(position).length())
                        .max()
                        .orElse(0);
                line.append(("%-" + Math.max(1, width) + "s  ").formatted(row.get(column)));
            }
            lines.add(line.toString().stripTrailing());
        }
        devices.stream()
                .filter(device -> device.reason() != null)
                .forEach(device -> lines.add(device.id() + " is " + device.state() + ": " + device.reason()));
        return lines;
    }

    private static List<String> row(DeviceState device, Instant now) {
        return List.of(
                device.deviceClass(),
                device.id(),
                device.state(),
                age(Duration.between(Instant.parse(device.since()), now)),
                device.temperatureCelsius() == null ? "" : "%.0f °C".formatted(device.temperatureCelsius()),
                Objects.requireNonNullElse(device.model(), ""),
                device.cpu() + " x" + device.cores(),
                device.os(),
                device.runtime() + " " + device.precisions().stream().collect(Collectors.joining(" ")));
    }

    private static String age(Duration age) {
        if (age.toDays() > 1) {
            return age.toDays() + " d";
        }
        if (age.toHours() > 1) {
            return age.toHours() + " h";
        }
        return age.toMinutes() > 1 ? age.toMinutes() + " min" : Math.max(0, age.toSeconds()) + " s";
    }
}
