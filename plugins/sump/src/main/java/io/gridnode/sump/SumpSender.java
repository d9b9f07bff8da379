package io.gridnode.sump;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Packs lines into datagrams of at most {@value #DATAGRAM_BYTES_MAX} bytes and sends each with a ledger line as its last.
 *
 * <p>Thread safe. One lock guards the datagram being filled, the ledger and the socket: what happens under it is a copy of
 * some hundred bytes and, about every fiftieth time, one send to loopback, which does not wait for the receiver. The
 * socket is a {@link DatagramSocket} and not a channel because an interrupt, which is how some tools end their threads, closes
 * a channel.
 */
final class SumpSender {
    /**
     * Ledger line included. A send costs the same whatever it carries, some 60 µs where it wakes the receiver, and is the
     * dearest part of a sample: with 250 of them in a datagram it is a quarter of a µs. Beyond 16 KiB the kernel also charges a receiver's buffer for
     * little more than the bytes, below for up to twice as many.
     */
    static final int DATAGRAM_BYTES_MAX = 32_768;

    private static final int FINAL_COPIES = 3;
    private static final long FINAL_GAP_NS = 5_000_000;

    /** What became of a line that was handed over. */
    enum Outcome {
        /** It is in a datagram. */
        TAKEN,
        /** It is longer than a datagram: shorten it and try again, or count it with {@link #countTruncated}. */
        TOO_LONG,
        /** The source has said its last word already. */
        CLOSED
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final LineWriter lines;
    private final Log log;
    private final DatagramSocket socket;
    private final DatagramPacket packet;
    private final byte[] datagram = new byte[DATAGRAM_BYTES_MAX];
    private final int payloadBytesMax;
    private final Ledger ledger = new Ledger();
    private final LineBuffer scratch = new LineBuffer();
    private int used;
    private boolean closed;
    private long sendErrors;

    SumpSender(LineWriter lines, InetAddress host, int port, Log log) throws SocketException {
        this.lines = lines;
        this.log = log;
        this.payloadBytesMax = DATAGRAM_BYTES_MAX - lines.ledgerBytesMax();
        if (payloadBytesMax <= 0) {
            throw new IllegalArgumentException("the name of the flood is too long: no line with it fits a datagram");
        }
        this.socket = new DatagramSocket();
        this.packet = new DatagramPacket(datagram, 0, host, port);
    }

    /** Takes one line of {@link LineWriter#sample}. */
    Outcome sample(LineBuffer line) {
        return take(line, true);
    }

    /** Takes one line that the ledger does not count. */
    Outcome other(LineBuffer line) {
        return take(line, false);
    }

    /** A sample that could not be shortened enough. */
    void countTruncated() {
        lock.lock();
        try {
            ledger.countTruncated();
        } finally {
            lock.unlock();
        }
    }

    /** Sends a datagram of nothing but the ledger, unless one was sent before. */
    void hello() {
        lock.lock();
        try {
            if (ledger.seq() == 0 && !closed) {
                send(false);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends what has gathered, if anything has. */
    void flush() {
        lock.lock();
        try {
            if (used > 0 && !closed) {
                send(false);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends the rest and then the closing ledger line, {@value #FINAL_COPIES} times the same datagram. Lines that come later are
     * refused.
     *
     * @return the closing line without its newline, or null when it was closed before
     */
    String close() {
        lock.lock();
        try {
            if (closed) {
                return null;
            }
            if (used > 0) {
                send(false);
            }
            closed = true;
            String closing = send(true);
            for (int copy = 1; copy < FINAL_COPIES; copy++) {
                LockSupport.parkNanos(FINAL_GAP_NS);
                transmit();
            }
            socket.close();
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** For the log: samples sent, and sends the operating system refused. */
    String summary() {
        lock.lock();
        try {
            return "samples=" + ledger.samples() + " datagrams=" + ledger.seq() + " truncated=" + ledger.truncated()
                    + " send_errors=" + sendErrors;
        } finally {
            lock.unlock();
        }
    }

    private Outcome take(LineBuffer line, boolean isSample) {
        int length = line.length();
        if (length > payloadBytesMax) {
            return Outcome.TOO_LONG;
        }
        lock.lock();
        try {
            if (closed) {
                return Outcome.CLOSED;
            }
            if (used + length > payloadBytesMax) {
                send(false);
            }
            System.arraycopy(line.array(), 0, datagram, used, length);
            used += length;
            if (isSample) {
                ledger.countSample();
            }
            return Outcome.TAKEN;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the datagram with the ledger and sends it; leaves its bytes in place for a copy. */
    private String send(boolean last) {
        ledger.nextDatagram();
        scratch.clear();
        lines.ledger(scratch, ledger, last);
        System.arraycopy(scratch.array(), 0, datagram, used, scratch.length());
        packet.setData(datagram, 0, used + scratch.length());
        used = 0;
        transmit();
        return last ? scratch.toString().trim() : null;
    }

    private void transmit() {
        try {
            socket.send(packet);
        } catch (IOException e) {
            sendErrors++;
            if (sendErrors == 1) {
                log.warn("failed to send results to " + packet.getAddress() + ":" + packet.getPort() + ": " + e
                        + " (further failures are counted only)");
            }
        }
    }
}
