package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Android's debug bridge: the program {@code adb}, for one device. */
final class Adb {

    private final String program;
    private final String serial;

    /** @param program a path, or a name on the search path */
    Adb(String program, String serial) {
        this.program = requireNonNull(program, "program is null");
        this.serial = requireNonNull(serial, "serial is null");
    }

    String serial() {
        return serial;
    }

    /**
     * The only device there is.
     *
     * @throws BadInputException if there are none or several, or no such program
     */
    static String onlySerial(String program) {
        List<String> serials;
        try {
            serials = run(List.of(program, "devices"), Duration.ofSeconds(30))
                    .lines()
                    .map(line -> line.split("\t"))
                    .filter(line -> line.length == 2 && line[1].strip().equals("device"))
                    .map(line -> line[0])
                    .toList();
        } catch (DeviceFailure e) {
            throw new BadInputException(
                    program + " does not list devices: " + e.getMessage()
                            + "; install Android's platform tools, or say where adb is",
                    e);
        }
        if (serials.size() != 1) {
            throw new BadInputException(
                    serials.isEmpty()
                            ? "no phone is connected, or it does not allow debugging; 'adb devices' must list it"
                            : "several phones are connected: " + String.join(", ", serials)
                                    + "; start a worker for each, with --serial");
        }
        return serials.getFirst();
    }

    /** A command of the device's shell; @return what it prints */
    String shell(Duration patience, String command) {
        return device(patience, "shell", command);
    }

    /** Copies a file to the device. */
    void push(Duration patience, String from, String to) {
        device(patience, "push", from, to);
    }

    private String device(Duration patience, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program, "-s", serial));
        command.addAll(List.of(arguments));
        return run(command, patience);
    }

    /** @throws DeviceFailure if it fails or takes too long; the message has what it says */
    private static String run(List<String> command, Duration patience) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new DeviceFailure(command.getFirst() + " cannot be run: " + e.getMessage(), e);
        }
        CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> text(process));
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DeviceFailure(describe(command) + " takes longer than " + patience.toSeconds() + " s");
            }
            String text = said.join();
            if (process.exitValue() != 0) {
                throw new DeviceFailure(describe(command) + " failed: " + text.strip());
            }
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceFailure("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // it was killed
        }
    }

    private static String describe(List<String> command) {
        return String.join(" ", command);
    }
}
