package dev.limbeck.cli;

import dev.limbeck.cli.embedded.BrokerFolder;
import dev.limbeck.schemas.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** A fleet of processes on one machine, each of which may be killed, frozen or told to stop while a run is under way. */
final class FaultFleet implements AutoCloseable {

    private static final String STARTED = "Ctrl-C stops it";
    private static final String FULL = "the store is full";
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int MILLIS_PER_LOOK = 200;
    private static final int LOOKS = 600;

    private static final Pattern RUN = Pattern.compile("tiny-[0-9a-f]{12}");

    private final Path folder;
    private final Path store;
    private final FleetSize size;
    private final List<String> servers;
    private final TemporalProcess temporal;
    private final int brokerPort;
    private Path brokerSettings;
    private final String brokerAddress;
    private final List<Integer> metricsPorts;
    private final List<LimbeckProcess> trainers = new ArrayList<>();
    private final List<LimbeckProcess> devices = new ArrayList<>();
    private final Map<Integer, CpuShare> shares = new LinkedHashMap<>();
    private final Deque<LimbeckProcess> clients = new ArrayDeque<>();
    private LimbeckProcess broker;
    private PrometheusProcess prometheus;

    /** @param store where artifacts lie */
    FaultFleet(Path temporalBinary, Path folder, Path store, FleetSize size) throws Exception {
        this.folder = folder;
        this.store = store;
        this.size = size;
        brokerPort = BrokerFolder.freePort();
        makeLog();
        brokerAddress = "127.0.0.1:" + brokerPort;
        metricsPorts = Stream.generate(BrokerFolder::freePort)
                .distinct()
                .limit(size.trainers() + size.devices().size())
                .toList();
        temporal = TemporalProcess.start(temporalBinary, folder);
        servers = List.of("--temporal", temporal.address(), "--kafka", brokerAddress, "--store", store.toString());
        try {
            broker = startBroker();
            awaitBroker();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private void makeLog() throws Exception {
        brokerSettings = BrokerFolder.make(Files.createDirectory(folder.resolve("kafka")), brokerPort);
    }

    /** Workers that start while it is away end. */
    private void awaitBroker() throws Exception {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokerAddress))) {
            admin.describeCluster().nodes().get();
        }
    }

    /** Starts them, and what watches them. */
    void startWorkers() throws IOException, InterruptedException {
        for (int i = 0; i < size.trainers(); i++) {
            trainers.add(startTrainer(i));
        }
        for (int i = 0; i < size.devices().size(); i++) {
            devices.add(startDevice(i));
        }
        if (size.watched() && prometheus == null) {
            prometheus = startPrometheus();
        }
    }

    private LimbeckProcess startBroker() throws IOException {
        return LimbeckProcess.startMain(folder, "kafka.Kafka", List.of(brokerSettings.toString()));
    }

    private LimbeckProcess startTrainer(int index) throws IOException {
        return limbeck(
                "worker",
                "gpu",
                "--slots",
                Integer.toString(size.slots()),
                "--checkpoint-interval",
                TrainedAgain.CHECKPOINT_INTERVAL.toSeconds() + "s",
                "--metrics-port",
                metricsPorts.get(index).toString());
    }

    private LimbeckProcess startDevice(int index) throws IOException {
        FleetSize.Device device = size.devices().get(index);
        LimbeckProcess worker = limbeck(
                "worker",
                "device",
                "--class",
                device.deviceClass(),
                "--serial",
                device.serial(),
                "--driver",
                device.driver(),
                "--canary-minutes",
                "0",
                "--metrics-port",
                metricsPorts.get(size.trainers() + index).toString());
        if (size.watched() && device.cores() < 1 && CpuShare.possible()) {
            CpuShare share = shares.get(index);
            if (share == null) {
                share = CpuShare.of(device.serial(), device.cores());
                shares.put(index, share);
            }
            share.limit(worker.pid());
        }
        return worker;
    }

    private PrometheusProcess startPrometheus() throws IOException, InterruptedException {
        Path binary = PrometheusProcess.binary().orElseThrow(() -> new IOException("no 'prometheus' on the path"));
        Map<String, List<String>> targets = new LinkedHashMap<>();
        targets.put(
                "limbeck",
                metricsPorts.stream().map(port -> "127.0.0.1:" + port).toList());
        targets.put("temporal", List.of(temporal.metricsAddress()));
        return PrometheusProcess.start(binary, folder, 2, Path.of("grafana", "rules.yaml"), targets);
    }

    private LimbeckProcess limbeck(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(servers);
        return LimbeckProcess.start(folder, all);
    }

    String brokerAddress() {
        return brokerAddress;
    }

    /** Of the first training worker. */
    long trainerPid() {
        return trainers.getFirst().pid();
    }

    /** Of the first device's worker. */
    long devicePid() {
        return devices.getFirst().pid();
    }

    /** Waits until all workers take tasks. */
    void awaitWorkers() throws InterruptedException {
        for (LimbeckProcess worker : workers()) {
            worker.await(STARTED);
        }
    }

    private List<LimbeckProcess> workers() {
        return Stream.concat(trainers.stream(), devices.stream()).toList();
    }

    /** Gives the fleet the small run, or joins it. */
    void submit() throws IOException {
        TinyRun.folder(folder, size.finetuneEpochs());
        clients.push(limbeck("submit", TinyRun.SPEC, "--wait", "--runs", "runs"));
    }

    /** Gives the fleet a spec as a job of a CI does, or joins its run. @param home the project's folder */
    void submitFromCi(Path home, Path spec) throws IOException {
        clients.push(LimbeckProcess.startScript(
                folder,
                GithubAction.shell(home),
                Map.ofEntries(
                        Map.entry("SPEC", home.resolve(spec).toString()),
                        Map.entry("TEMPORAL", temporal.address()),
                        Map.entry("STORE", servers.getLast()),
                        Map.entry("TIMEOUT", "2h"),
                        Map.entry("RUNS", "runs"),
                        Map.entry("JUNIT", "limbeck.xml"),
                        Map.entry("LIMBECK", home.resolve("limbeck").toString()),
                        Map.entry("ACTION", home.resolve("deploy/github-action").toString()),
                        Map.entry("RUNNER_TEMP", folder.toString()),
                        Map.entry("GITHUB_OUTPUT", folder.resolve("output").toString()),
                        Map.entry("GITHUB_STEP_SUMMARY", summary().toString()))));
    }

    /** What the job says to people. */
    Path summary() {
        return folder.resolve("summary.md");
    }

    /** The job dies. */
    void killCi() throws InterruptedException {
        clients.peek().kill();
    }

    /** The job's exit code. */
    int joinCi(Duration patience) throws InterruptedException {
        return clients.peek().join(patience);
    }

    /** Waits until the client says something. @param wanted as below */
    void await(String wanted, Duration patience) throws InterruptedException {
        clients.peek().await(Pattern.compile(wanted), patience);
    }

    /** Waits until the client says something. @param wanted a regular expression: it may not see a stage that is short */
    void await(String wanted) throws InterruptedException {
        clients.peek().await(Pattern.compile(wanted));
    }

    /** Waits until the first training worker has trained a network of the front beyond a checkpoint. */
    void awaitFinetuning() throws IOException, InterruptedException {
        Duration wanted = TrainedAgain.CHECKPOINT_INTERVAL.multipliedBy(2);
        for (int look = 0; trained("finetune").compareTo(wanted) < 0; look++) {
            if (look == LOOKS) {
                throw new IllegalStateException("the first training worker finetunes nothing for so long");
            }
            Thread.sleep(MILLIS_PER_LOOK);
        }
    }

    /** For how long the first training worker has been at a training of a stage, by what it says. */
    private Duration trained(String stage) throws IOException {
        List<TrainedAgain.Report> reports = FaultTrace.progress(brokerAddress).stream()
                .filter(report -> report.event().stage().equals(stage)
                        && report.event().worker().endsWith("-" + trainerPid())
                        && TrainedAgain.isOfTraining(report.event()))
                .toList();
        return reports.isEmpty()
                ? Duration.ZERO
                : Duration.between(reports.getFirst().time(), reports.getLast().time());
    }

    /** How often Temporal was asked by who follows the run whether it has ended. */
    double asked() throws IOException, InterruptedException {
        return temporal.requests("PollWorkflowExecutionHistory");
    }

    /** The repair of a lost log, as docs/operations.md has it. */
    void loseLog() throws Exception {
        endWorkers();
        broker.kill();
        FaultsTable.delete(folder.resolve("kafka"));
        makeLog();
        broker = startBroker();
        awaitBroker();
        startWorkers();
    }

    /** The repair of a lost store, as docs/operations.md has it. */
    void loseStore() throws Exception {
        Matcher run = RUN.matcher(clients.peek().said());
        if (!run.find()) {
            throw new IllegalStateException(
                    "the client names no run:\n" + clients.peek().said());
        }
        LimbeckProcess cancelled = limbeck("cancel", run.group());
        if (cancelled.join() != ExitCodes.DONE) {
            throw new IllegalStateException(cancelled.said());
        }
        clients.peek().join();
        endWorkers();
        FaultsTable.delete(store);
        startWorkers();
        submit();
    }

    /** The repair of a lost database of Temporal, as docs/operations.md has it. */
    void loseDatabase() throws IOException, InterruptedException {
        temporal.loseDatabase();
        clients.peek().kill();
        submit();
    }

    private void endWorkers() throws InterruptedException {
        for (int code : stopWorkers()) {
            if (code != ExitCodes.DONE) {
                throw new IllegalStateException("a worker that was told to stop ended with " + code);
            }
        }
        trainers.clear();
        devices.clear();
    }

    /** Waits for the end. */
    Results results() throws IOException, InterruptedException {
        clients.peek().join(PATIENCE);
        return TinyRun.results(clients.peek(), folder);
    }

    void killTemporal() throws IOException, InterruptedException {
        temporal.killAndRestart();
    }

    void killBroker() throws IOException, InterruptedException {
        broker.kill();
        broker = startBroker();
    }

    /** Another one, of the other kind, follows the run. */
    void killClient() throws IOException, InterruptedException {
        clients.peek().kill();
        clients.push(limbeck("run", TinyRun.SPEC, "--no-workers"));
    }

    void killTrainer() throws IOException, InterruptedException {
        trainers.getFirst().kill();
        trainers.set(0, startTrainer(0));
    }

    void killDevice() throws IOException, InterruptedException {
        devices.getFirst().kill();
        devices.set(0, startDevice(0));
    }

    /** SIGTERM. @return its exit code */
    int stopTrainer() throws IOException, InterruptedException {
        int code = stop(trainers.getFirst());
        trainers.set(0, startTrainer(0));
        return code;
    }

    /** As above. */
    int stopDevice() throws IOException, InterruptedException {
        int code = stop(devices.getFirst());
        devices.set(0, startDevice(0));
        return code;
    }

    private static int stop(LimbeckProcess worker) throws InterruptedException {
        worker.await(STARTED);
        worker.stop();
        return worker.join();
    }

    /** Another worker takes its tasks. */
    void freezeTrainer(long seconds) throws IOException, InterruptedException {
        freeze(trainers.getFirst(), seconds);
    }

    /** As above. */
    void freezeDevice(long seconds) throws IOException, InterruptedException {
        freeze(devices.getFirst(), seconds);
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

    /** Fills the store's disk, and makes space so long after a worker has met it. */
    void fillDisk(SmallDisk disk, long seconds) throws IOException, InterruptedException {
        disk.fill();
        for (int look = 0; workers().stream().noneMatch(worker -> worker.said().contains(FULL)); look++) {
            if (look == LOOKS) {
                throw new IllegalStateException("no worker has met the full disk");
            }
            Thread.sleep(MILLIS_PER_LOOK);
        }
        Thread.sleep(1000 * seconds);
        disk.makeSpace();
    }

    /** Ends the workers as one should; servers and what hangs are killed by {@link #close}. @return their exit codes */
    List<Integer> stopWorkers() throws InterruptedException {
        awaitWorkers();
        List<LimbeckProcess> workers = workers();
        workers.forEach(LimbeckProcess::stop);
        List<Integer> codes = new ArrayList<>();
        for (LimbeckProcess worker : workers) {
            codes.add(worker.join());
        }
        return codes;
    }

    @Override
    public void close() throws InterruptedException, IOException {
        for (LimbeckProcess process : Stream.of(clients.stream(), workers().stream(), Stream.ofNullable(broker))
                .flatMap(each -> each)
                .toList()) {
            process.close();
        }
        if (prometheus != null) {
            prometheus.close();
        }
        temporal.close();
        for (CpuShare share : shares.values()) {
            share.close();
        }
    }
}
