package dev.limbeck.workers.device;

/** Remembers whether the device asks for tasks. */
final class FakePolling implements Polling {

    private boolean suspended;

    boolean suspended() {
        return suspended;
    }

    @Override
    public void suspend() {
        suspended = true;
    }

    @Override
    public void resume() {
        suspended = false;
    }
}
