package dev.limbeck.measure;

/** A device is away or does not do what it is told; another try, or another device, may succeed. */
public final class DeviceFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    public DeviceFailure(String message) {
        super(message);
    }

    public DeviceFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
