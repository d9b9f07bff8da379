package io.gridnode.sump;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The agent's end of the socket, on loopback; its buffer holds all that a test sends. */
final class Receiver implements Closeable {
    private final DatagramSocket socket;

    Receiver() throws IOException {
        socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        // On loopback a datagram is in the receiver's buffer when send returns: this only ends the loop.
        socket.setSoTimeout(50);
    }

    InetAddress address() {
        return socket.getLocalAddress();
    }

    int port() {
        return socket.getLocalPort();
    }

    /** All datagrams since the last call. */
    List<String> received() throws IOException {
        List<String> datagrams = new ArrayList<>();
        DatagramPacket packet = new DatagramPacket(new byte[65_507], 65_507);
        try {
            while (true) {
                packet.setLength(65_507);
                socket.receive(packet);
                datagrams.add(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
            }
        } catch (SocketTimeoutException e) {
            return datagrams;
        }
    }

    static List<String> samplesOf(List<String> datagrams) {
        return datagrams.stream().flatMap(String::lines).filter(l -> l.startsWith("sample,")).collect(Collectors.toList());
    }

    @Override
    public void close() {
        socket.close();
    }
}
