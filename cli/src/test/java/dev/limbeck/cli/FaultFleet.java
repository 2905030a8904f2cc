package dev.limbeck.cli;

import dev.limbeck.cli.embedded.BrokerFolder;
import dev.limbeck.schemas.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A fleet of processes on one machine, each of which may be killed, frozen or told to stop while a run is under way. */
final class FaultFleet implements AutoCloseable {

    private final Path folder;
    private final List<String> servers;
    private final TemporalProcess temporal;
    private final Path brokerSettings;
    private final String brokerAddress;
    private LimbeckProcess broker;
    private LimbeckProcess trainer;
    private LimbeckProcess device;
    private LimbeckProcess client;

    /** @param store where artifacts lie */
    FaultFleet(Path temporalBinary, Path folder, Path store) throws Exception {
        this.folder = folder;
        TinyRun.folder(folder);
        int port = BrokerFolder.freePort();
        brokerSettings = BrokerFolder.make(Files.createDirectory(folder.resolve("kafka")), port);
        brokerAddress = "127.0.0.1:" + port;
        temporal = TemporalProcess.start(temporalBinary, folder);
        servers = List.of("--temporal", temporal.address(), "--kafka", brokerAddress, "--store", store.toString());
        try {
            broker = startBroker();
            trainer = limbeck("worker", "gpu");
            device = startDevice();
            client = startClient();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private LimbeckProcess startBroker() throws IOException {
        return LimbeckProcess.startMain(folder, "kafka.Kafka", List.of(brokerSettings.toString()));
    }

    /** Its latencies are a fixed function of the network; each takes some time, so that there is a middle of it. */
    private LimbeckProcess startDevice() throws IOException {
        return limbeck("worker", "device", "--driver", "simulated:500", "--canary-minutes", "0");
    }

    private LimbeckProcess startClient() throws IOException {
        return limbeck("run", TinyRun.SPEC, "--no-workers");
    }

    private LimbeckProcess limbeck(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(servers);
        return LimbeckProcess.start(folder, all);
    }

    String brokerAddress() {
        return brokerAddress;
    }

    /** Waits until the client says something. @param wanted a regular expression: it may not see a stage that is short */
    void await(String wanted) throws InterruptedException {
        client.await(Pattern.compile(wanted));
    }

    /** Waits for the end. */
    Results results() throws IOException, InterruptedException {
        return TinyRun.results(client, folder);
    }

    /** Waits for the client's end. @return its exit code */
    int join() throws InterruptedException {
        return client.join();
    }

    void killTemporal() throws IOException, InterruptedException {
        temporal.killAndRestart();
    }

    void killBroker() throws IOException, InterruptedException {
        broker.kill();
        broker = startBroker();
    }

    void killClient() throws IOException, InterruptedException {
        client.kill();
        client = startClient();
    }

    void killTrainer() throws IOException, InterruptedException {
        trainer.kill();
        trainer = limbeck("worker", "gpu");
    }

    void killDevice() throws IOException, InterruptedException {
        device.kill();
        device = startDevice();
    }

    /** SIGTERM. @return what it said, and its exit code */
    int stopTrainer() throws IOException, InterruptedException {
        int code = stop(trainer);
        trainer = limbeck("worker", "gpu");
        return code;
    }

    /** As above. */
    int stopDevice() throws IOException, InterruptedException {
        int code = stop(device);
        device = startDevice();
        return code;
    }

    private static int stop(LimbeckProcess worker) throws InterruptedException {
        worker.await("Ctrl-C stops it");
        worker.stop();
        return worker.join();
    }

    /** Another worker beside the frozen one takes its tasks. */
    void freezeTrainer(long seconds) throws IOException, InterruptedException {
        LimbeckProcess frozen = trainer;
        trainer = limbeck("worker", "gpu");
        freeze(frozen, seconds);
        stop(frozen);
    }

    /** As above. */
    void freezeDevice(long seconds) throws IOException, InterruptedException {
        LimbeckProcess frozen = device;
        device = startDevice();
        freeze(frozen, seconds);
        stop(frozen);
    }

    /** Connections stay open, and nobody answers. */
    void freezeBroker(long seconds) throws IOException, InterruptedException {
        freeze(broker, seconds);
    }

    private static void freeze(LimbeckProcess process, long seconds) throws IOException, InterruptedException {
        signal(process, "STOP");
        Thread.sleep(1000 * seconds);
        signal(process, "CONT");
    }

    private static void signal(LimbeckProcess process, String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Ends the workers as one should; servers and what hangs are killed by {@link #close}. */
    void stopWorkers() throws InterruptedException {
        stop(trainer);
        stop(device);
    }

    @Override
    public void close() throws InterruptedException {
        for (LimbeckProcess process : new LimbeckProcess[] {client, device, trainer, broker}) {
            if (process != null) {
                process.close();
            }
        }
        temporal.close();
    }
}
