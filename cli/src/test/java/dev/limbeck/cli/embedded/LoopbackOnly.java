package dev.limbeck.cli.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Tries a port at the other addresses of this machine. */
final class LoopbackOnly {

    private LoopbackOnly() {}

    static List<InetAddress> reachableElsewhere(String address) throws IOException {
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        List<InetAddress> reachable = new ArrayList<>();
        for (var network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress candidate : Collections.list(network.getInetAddresses())) {
                if (!candidate.isLoopbackAddress() && answers(candidate, port)) {
                    reachable.add(candidate);
                }
            }
        }
        return reachable;
    }

    private static boolean answers(InetAddress address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
