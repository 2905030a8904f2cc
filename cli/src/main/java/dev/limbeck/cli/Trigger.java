package dev.limbeck.cli;

import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.RequestEvent;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Digests;
import dev.limbeck.workers.common.DeviceRegistry;
import dev.limbeck.workers.common.RequestLog;
import dev.limbeck.workflows.RunRequest;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Starts runs because of events: one for every request, and one more for each request when a class of its devices gets a new
 * operating system, driver or runtime.
 *
 * <p>Each run is started once, however often its events come and however many triggers there are: its workflow's id is made of what
 * is asked for, Temporal refuses a second workflow of an id, and what was started is remembered in the store for longer than Temporal
 * keeps histories.
 */
final class Trigger implements AutoCloseable {

    private static final byte[] NOTHING = new byte[0];

    private final Console console;
    private final WorkflowClient temporal;
    private final ArtifactStore store;
    private final RequestLog requests;
    private final DeviceRegistry devices;
    private final Set<String> complaints = new HashSet<>();

    Trigger(
            Console console,
            WorkflowClient temporal,
            ArtifactStore store,
            RequestLog requests,
            DeviceRegistry devices) {
        this.console = console;
        this.temporal = temporal;
        this.store = store;
        this.requests = requests;
        this.devices = devices;
    }

    /** Looks at what has come since the last time; @return the runs that it started */
    List<String> look() {
        List<String> started = new ArrayList<>();
        List<RunRequest> wanted = requests.requests().stream()
                .map(Trigger::run)
                .filter(this::hasReference)
                .toList();
        wanted.forEach(run -> start(run, "it was asked for", started));
        for (DeviceState device : devices.devices()) {
            if (!device.state().equals(DeviceState.State.ABSENT.label())) {
                appeared(device, wanted, started);
            }
        }
        return started;
    }

    private static RunRequest run(RequestEvent request) {
        Spec spec = request.parsed();
        return new RunRequest(Job.runId(spec, request.reference()), spec, request.reference(), request.trainingClass());
    }

    /** Without the network there is nothing to run; it may still come. */
    private boolean hasReference(RunRequest run) {
        boolean there = store.contains(run.reference());
        if (!there && complaints.add(run.runId())) {
            console.say("run %s waits: its reference %s is not in the store"
                    .formatted(run.runId(), run.reference().substring(0, 12)));
        }
        return there;
    }

    /** The first device of a class is what its runs wait for anyway; one that differs from all before it is news. */
    private void appeared(DeviceState device, List<RunRequest> wanted, List<String> started) {
        String versions = Digests.ofParts(
                        device.deviceClass(),
                        device.os(),
                        Objects.toString(device.build(), ""),
                        Objects.toString(device.driver(), ""),
                        device.runtime())
                .substring(0, 8);
        String known = "device versions " + device.deviceClass() + " " + versions;
        if (store.recall(known).isPresent()) {
            return;
        }
        String first = "device class " + device.deviceClass();
        if (store.recall(first).isPresent()) {
            String reason =
                    "class '%s' has %s on %s now".formatted(device.deviceClass(), device.runtime(), device.os());
            wanted.stream()
                    .filter(run -> run.spec().scenarios().stream()
                            .anyMatch(scenario -> scenario.device().equals(device.deviceClass())))
                    .map(run -> new RunRequest(
                            run.runId() + "-" + versions, run.spec(), run.reference(), run.trainingClass()))
                    .forEach(run -> start(run, reason, started));
        }
        // after the runs: a trigger that is killed between them starts the rest, and none twice
        store.remember(first, NOTHING);
        store.remember(known, NOTHING);
    }

    private void start(RunRequest run, String reason, List<String> started) {
        String key = "triggered " + run.runId();
        if (store.recall(key).isPresent()) {
            return;
        }
        if (RunClient.start(temporal, run, WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)) {
            console.say("run %s is started: %s".formatted(run.runId(), reason));
            started.add(run.runId());
        }
        store.remember(key, NOTHING);
    }

    @Override
    public void close() {
        requests.close();
        devices.close();
    }
}
