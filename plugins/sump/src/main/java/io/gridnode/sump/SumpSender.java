package io.gridnode.sump;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Turns samples into lines, packs them into datagrams of at most {@value #DATAGRAM_BYTES_MAX} bytes and sends each with a ledger line as
 * its last.
 *
 * <p>Thread safe, and made for the tool's threads, which have better things to do: there are {@value #PLACES} datagrams to fill, and a
 * line is written straight into the first that no other thread is busy with. With one alone, a thread that loses its CPU in the middle
 * of a send makes all others queue up behind it. Ledger and socket have a lock of their own, for a send only.
 *
 * <p>The socket is a {@link DatagramSocket} and not a channel because an interrupt, which is how some tools end their threads,
 * closes a channel.
 */
final class SumpSender {
    /**
     * Ledger line included. A send costs nearly the same whatever it carries: 5 to 20 µs, more where it wakes the receiver. Beyond
     * 16 KiB the kernel also charges a receiver's buffer for little more than the bytes, below for up to twice as many.
     */
    static final int DATAGRAM_BYTES_MAX = 32_768;

    static final int PLACES = 4;

    /** Room for the line that is found not to fit; a longer one makes its buffer grow. */
    private static final int LINE_BYTES_EXPECTED = 2_048;

    private static final int FINAL_COPIES = 3;
    private static final long FINAL_GAP_NS = 5_000_000;

    private final LineWriter lines;
    private final Log log;
    private final int payloadBytesMax;
    private final Pending[] places = new Pending[PLACES];
    private volatile boolean failureTold;
    /** Changes while all of {@link #places} are locked. */
    private boolean closed;

    /** Guards what follows. Who holds one of {@link #places} may wait for it, never the other way round. */
    private final ReentrantLock wire = new ReentrantLock();
    private final DatagramSocket socket;
    private final DatagramPacket packet;
    private final Ledger ledger = new Ledger();
    private long sendErrors;

    SumpSender(LineWriter lines, InetAddress host, int port, Log log) throws SocketException {
        this.lines = lines;
        this.log = log;
        this.payloadBytesMax = DATAGRAM_BYTES_MAX - lines.ledgerBytesMax();
        if (payloadBytesMax <= 0) {
            throw new IllegalArgumentException("the name of the flood is too long: no line with it fits a datagram");
        }
        for (int i = 0; i < PLACES; i++) {
            places[i] = new Pending();
        }
        this.socket = new DatagramSocket();
        this.packet = new DatagramPacket(new byte[0], 0, host, port);
    }

    /** A datagram that is being filled. Guarded by {@link #lock}. */
    private static final class Pending {
        final ReentrantLock lock = new ReentrantLock();
        final LineBuffer lines = new LineBuffer(DATAGRAM_BYTES_MAX + LINE_BYTES_EXPECTED);
        final LineWriter.Remembered remembered = new LineWriter.Remembered();
        /** Of the lines, those that are samples. */
        int sampleLines;
        int truncated;
    }

    /** Has done with it at its return. Ignores what comes after {@link #close}. */
    void sample(Sample sample) {
        Pending place = lockOne();
        try {
            if (!closed) {
                write(place, sample);
            }
        } finally {
            place.lock.unlock();
        }
    }

    /** Takes one line that the ledger does not count, which must fit. Ignores what comes after {@link #close}. */
    void line(LineBuffer line) {
        Pending place = lockOne();
        try {
            if (!closed && line.length() <= payloadBytesMax) {
                int from = place.lines.length();
                place.lines.append(line.bytes());
                sendWhatIsFull(place, from);
            }
        } finally {
            place.lock.unlock();
        }
    }

    /** Sends a datagram of nothing but the ledger, unless one was sent before. */
    void hello() {
        Pending place = lockOne();
        wire.lock();
        try {
            if (!closed && ledger.seq() == 0) {
                send(place);
            }
        } finally {
            wire.unlock();
            place.lock.unlock();
        }
    }

    /** Sends what has gathered, if anything has. */
    void flush() {
        for (Pending place : places) {
            place.lock.lock();
            try {
                if (!closed) {
                    sendAll(place);
                }
            } finally {
                place.lock.unlock();
            }
        }
    }

    /**
     * Sends the rest and then the closing ledger line, {@value #FINAL_COPIES} times the same datagram.
     *
     * @return the closing line without its newline, or null when it was closed before
     */
    String close() {
        for (Pending place : places) {
            place.lock.lock();
        }
        try {
            if (closed) {
                return null;
            }
            closed = true;
            for (Pending place : places) {
                sendAll(place);
            }
            return sendLast();
        } finally {
            for (Pending place : places) {
                place.lock.unlock();
            }
        }
    }

    /** For the log: samples sent, and sends the operating system refused. */
    String summary() {
        wire.lock();
        try {
            return "samples=" + ledger.samples() + " datagrams=" + ledger.seq() + " truncated=" + ledger.truncated()
                    + " send_errors=" + sendErrors;
        } finally {
            wire.unlock();
        }
    }

    /** The first that is free, so that few samples a second still share a datagram. */
    private Pending lockOne() {
        for (Pending place : places) {
            if (place.lock.tryLock()) {
                return place;
            }
        }
        places[0].lock.lock();
        return places[0];
    }

    private void write(Pending place, Sample sample) {
        int from = place.lines.length();
        if (writeLine(place, sample, from)) {
            sendWhatIsFull(place, from);
            place.sampleLines++;
        } else {
            place.lines.cutTo(from);
            place.truncated++;
        }
    }

    /** False when it has no line that fits a datagram, even without its error. It never keeps the tool's thread from its work. */
    private boolean writeLine(Pending place, Sample sample, int from) {
        try {
            int errorFrom = lines.sample(place.lines, place.remembered, sample);
            if (place.lines.length() - from > payloadBytesMax) {
                lines.withoutError(place.lines, place.remembered, errorFrom, sample);
            }
            return place.lines.length() - from <= payloadBytesMax;
        } catch (RuntimeException | VirtualMachineError e) {
            warnOnce(e);
            return false;
        }
    }

    /** Where the last line, which begins there, is one too many for its datagram, it becomes the first of the next. */
    private void sendWhatIsFull(Pending place, int from) {
        if (place.lines.length() > payloadBytesMax) {
            byte[] line = place.lines.bytesFrom(from);
            place.lines.cutTo(from);
            send(place);
            place.lines.append(line);
        }
    }

    private void warnOnce(Throwable e) {
        if (!failureTold) {
            failureTold = true;
            log.warn("failed to make a line of a sample, which counts as truncated: " + e + " (further failures are counted only)");
        }
    }

    private void sendAll(Pending place) {
        if (place.lines.length() > 0 || place.truncated > 0) {
            send(place);
        }
    }

    /** Ends the datagram with the ledger and sends it. */
    private void send(Pending place) {
        wire.lock();
        try {
            ledger.count(place.sampleLines, place.truncated);
            seal(place, false);
            transmit();
            place.lines.clear();
            place.sampleLines = 0;
            place.truncated = 0;
        } finally {
            wire.unlock();
        }
    }

    private String sendLast() {
        wire.lock();
        try {
            LineBuffer closing = places[0].lines;
            seal(places[0], true);
            for (int copy = 0; copy < FINAL_COPIES; copy++) {
                if (copy > 0) {
                    LockSupport.parkNanos(FINAL_GAP_NS);
                }
                transmit();
            }
            socket.close();
            return closing.toString().trim();
        } finally {
            wire.unlock();
        }
    }

    /** Puts the ledger behind what is there. */
    private void seal(Pending place, boolean last) {
        ledger.nextDatagram();
        lines.ledger(place.lines, ledger, last);
        packet.setData(place.lines.array(), 0, place.lines.length());
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
