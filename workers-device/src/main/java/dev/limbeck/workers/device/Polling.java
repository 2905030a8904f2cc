package dev.limbeck.workers.device;

/** Whether the device asks for tasks. */
interface Polling {

    void suspend();

    void resume();
}
