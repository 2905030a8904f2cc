package dev.limbeck.cli;

import java.util.List;

/**
 * How many workers a {@link FaultFleet} has.
 *
 * @param slots of each training worker
 * @param watched whether a Prometheus scrapes the processes, and the shares of the devices are enforced
 * @param finetuneEpochs of the small run
 */
record FleetSize(int trainers, int slots, List<Device> devices, boolean watched, int finetuneEpochs) {

    /**
     * @param serial its name
     * @param cores of processor time that its worker may take
     */
    record Device(String serial, String deviceClass, String driver, double cores) {}

    /** One worker of each kind; the device's latencies are a fixed function of the network, and each takes some time. */
    static FleetSize smallest() {
        return new FleetSize(1, 2, List.of(new Device("device", "local", "simulated:500", 1)), false, 10);
    }

    /** Two training workers, and three devices of a class, the first of which is four times as fast as the last. */
    static FleetSize whole() {
        return new FleetSize(
                2,
                1,
                List.of(
                        new Device("fast", "local", "simulated:500", 1),
                        new Device("middling", "local", "simulated:1000", 0.5),
                        new Device("slow", "local", "simulated:2000", 0.25)),
                true,
                100);
    }
}
