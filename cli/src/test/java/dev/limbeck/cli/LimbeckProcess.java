package dev.limbeck.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command in a process of its own, started as the launcher does; what it says is read while it runs. */
final class LimbeckProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final Thread reader;
    private final StringBuilder said = new StringBuilder();

    private LimbeckProcess(Process process) {
        this.process = process;
        reader = Thread.ofPlatform().daemon().start(this::read);
    }

    /** @param folder where it runs */
    static LimbeckProcess start(Path folder, List<String> arguments) throws IOException {
        return start(folder, arguments, Map.of());
    }

    /** @param environment besides this process's own */
    static LimbeckProcess start(Path folder, List<String> arguments, Map<String, String> environment)
            throws IOException {
        return start(folder, "dev.limbeck.cli.Limbeck", arguments, environment);
    }

    /** Another program of the same class path. */
    static LimbeckProcess startMain(Path folder, String main, List<String> arguments) throws IOException {
        return start(folder, main, arguments, Map.of());
    }

    /** A script that starts the command, as a CI's step does. @param environment besides this process's own */
    static LimbeckProcess startScript(Path folder, String script, Map<String, String> environment) throws IOException {
        return startCommand(
                folder, List.of("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script), environment);
    }

    private static LimbeckProcess start(
            Path folder, String main, List<String> arguments, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-XX:+UseParallelGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx1g",
                "-Xss8m",
                main));
        command.addAll(arguments);
        // ONNX Runtime dies of long command lines
        Map<String, String> all = new HashMap<>(environment);
        all.put("CLASSPATH", System.getProperty("java.class.path"));
        return startCommand(folder, command, all);
    }

    private static LimbeckProcess startCommand(Path folder, List<String> command, Map<String, String> environment)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("LIMBECK_TRACE", "1");
        builder.environment().putAll(environment);
        return new LimbeckProcess(builder.start());
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (said) {
                    said.append(line).append('\n');
                    said.notifyAll();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Everything that it has said so far. */
    String said() {
        synchronized (said) {
            return said.toString();
        }
    }

    /** Waits until it says something. @throws IllegalStateException if it ends, or takes too long, without a word of it */
    void await(String wanted) throws InterruptedException {
        await(Pattern.compile(wanted, Pattern.LITERAL));
    }

    /** As above. @return where it is said */
    Matcher await(Pattern wanted) throws InterruptedException {
        return await(wanted, PATIENCE);
    }

    /** As above, for what may take longer. */
    Matcher await(Pattern wanted, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            boolean alive = reader.isAlive();
            Matcher matcher = wanted.matcher(said());
            if (matcher.find()) {
                return matcher;
            }
            if (!alive || System.nanoTime() > end) {
                throw new IllegalStateException("never said '" + wanted + "', but:\n" + said());
            }
            synchronized (said) {
                said.wait(200);
            }
        }
    }

    /** Waits for its end; @return its exit code */
    int join() throws InterruptedException {
        return join(PATIENCE);
    }

    /** As above, for what may take longer. */
    int join(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("does not end, but said:\n" + said());
        }
        reader.join();
        return process.exitValue();
    }

    /** SIGTERM. */
    void stop() {
        process.toHandle().destroy();
    }

    /** SIGKILL, of what it has started too: it has no time for a last word. */
    void kill() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        // a Process, unlike its handle, would close the stream before its last lines are read
        process.toHandle().destroyForcibly();
        process.waitFor();
        reader.join();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
