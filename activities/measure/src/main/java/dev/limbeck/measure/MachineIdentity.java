package dev.limbeck.measure;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/** A name for this machine that stays over restarts and that no other machine has. */
public final class MachineIdentity {

    private static final int DIGITS = 8;

    private MachineIdentity() {}

    /**
     * The host's name, and digits from the machine's own id: boards often share the name that their image gave them.
     *
     * @param role tells several names of one machine apart
     */
    public static String name(String role) {
        return name(Path.of("/"), hostName(), role);
    }

    /** @param root a folder laid out as Linux's / */
    static String name(Path root, String host, String role) {
        // what every user may read: an id that depends on who runs the worker would not stay
        String id = Stream.of("etc/machine-id", "proc/device-tree/serial-number")
                .flatMap(file -> LinuxFiles.first(root.resolve(file)).stream())
                .findFirst()
                .orElse("");
        return host + "-" + digest(host + "\n" + id + "\n" + role).substring(0, DIGITS);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "local";
        }
    }

    private static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
