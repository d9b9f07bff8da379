package io.flood.selenium;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.function.UnaryOperator;

/**
 * This JVM as a source of samples: every sample leaves at once, in a datagram of its own that ends with the ledger. A browser
 * finishes a few transactions a second at most, so nothing is gained by gathering them, and a JVM that is killed has lost none.
 *
 * <p>Thread safe. A {@link DatagramSocket} and not a channel: an interrupt closes a channel.
 */
final class Sump {
    private static final int FINAL_COPIES = 3;
    private static final long FINAL_GAP_MS = 5;
    private static Sump ofThisJvm;

    final String source;
    private final Lines lines;
    private final DatagramSocket socket;
    private final InetAddress host;
    private final int port;
    private final Path finalDir;
    private long seq;
    private long samples;
    private boolean closed;
    private boolean complained;

    Sump(UnaryOperator<String> environment) throws IOException {
        source = ProcessHandle.current().pid() + "-" + Long.toHexString(new SecureRandom().nextLong());
        lines = new Lines(orElse(environment.apply("FLOOD_SEQUENCE_ID"), "1"), source);
        host = InetAddress.getByName(orElse(environment.apply("FLOOD_SUMP_HOST"), "127.0.0.1"));
        String portText = orElse(environment.apply("FLOOD_SUMP_PORT"), "35663");
        try {
            port = Integer.parseInt(portText);
        } catch (NumberFormatException e) {
            throw new IOException("FLOOD_SUMP_PORT must be a port, not \"" + portText + "\"", e);
        }
        String dir = environment.apply("GRIDNODE_TRACE_DIR");
        finalDir = dir == null || dir.isEmpty() ? null : Path.of(dir);
        socket = new DatagramSocket();
    }

    /** One for all {@link FloodSump}s of the JVM; it says its last word when the JVM ends. Null when there can be none. */
    static synchronized Sump ofThisJvm() {
        if (ofThisJvm == null) {
            try {
                Sump sump = new Sump(System::getenv);
                Runtime.getRuntime().addShutdownHook(new Thread(sump::close, "gridnode-last-word"));
                ofThisJvm = sump;
            } catch (IOException | IllegalStateException e) {
                System.err.println("gridnode: no results are sent: " + e.getMessage());
            }
        }
        return ofThisJvm;
    }

    /** A datagram without a sample: the plan is alive. */
    synchronized void hello() {
        if (!closed && seq == 0) {
            send("", false);
        }
    }

    synchronized void sample(Sample sample) {
        if (closed) {
            return;
        }
        samples++;
        send(lines.sample(sample, System.currentTimeMillis()), false);
    }

    /** The last word, also as a file for a receiver that lost all copies of it. Later samples are not sent. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        byte[] last = send("", true);
        try {
            for (int copy = 1; copy < FINAL_COPIES; copy++) {
                Thread.sleep(FINAL_GAP_MS);
                transmit(last);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket.close();
        if (finalDir != null) {
            writeFinal(last);
        }
    }

    private byte[] send(String line, boolean last) {
        seq++;
        byte[] datagram = (line + lines.ledger(seq, samples, last)).getBytes(StandardCharsets.UTF_8);
        transmit(datagram);
        return datagram;
    }

    private void transmit(byte[] datagram) {
        try {
            socket.send(new DatagramPacket(datagram, datagram.length, host, port));
        } catch (IOException e) {
            if (!complained) {
                complained = true;
                System.err.println("gridnode: failed to send results to " + host + ":" + port + ": " + e
                        + " (further failures are counted as lost only)");
            }
        }
    }

    private void writeFinal(byte[] last) {
        Path target = finalDir.resolve(source + ".final");
        Path temporary = finalDir.resolve("." + source + ".final.tmp");
        try {
            Files.write(temporary, last);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            System.err.println("gridnode: failed to write " + target + ": " + e);
        }
    }

    private static String orElse(String value, String fallback) {
        return value == null || value.isEmpty() ? fallback : value.trim();
    }
}
