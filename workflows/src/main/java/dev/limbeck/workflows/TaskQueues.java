package dev.limbeck.workflows;

/** Names of the task queues: which kind of machine takes which work. */
public final class TaskQueues {

    /** Workflow tasks: cheap, on any worker. */
    public static final String CONTROL = "limbeck-control";

    /** Training and everything else that needs data or libtorch, for runs that ask for no class of machines. */
    public static final String GPU = "limbeck-gpu";

    /** The class of devices that the machine belongs to where a run was started. */
    public static final String LOCAL = "local";

    private TaskQueues() {}

    /** The same on one class of machines, such as those with a GPU of some kind. @param trainingClass null for none */
    public static String training(String trainingClass) {
        return trainingClass == null ? GPU : GPU + "-" + trainingClass;
    }

    /** Measurements on one class of devices. */
    public static String device(String deviceClass) {
        return "limbeck-device-" + deviceClass;
    }
}
