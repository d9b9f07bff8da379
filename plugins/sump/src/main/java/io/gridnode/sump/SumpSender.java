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
 * <p>Thread safe, and made for the tool's threads, which have better things to do:
 *
 * <ul>
 *   <li>A sample is copied and no more. {@value Pending#SAMPLES_MAX} at a time become lines: code that runs once in a while,
 *       between all that a tool does, has to be fetched into the processor's caches each time.
 *   <li>Threads need not wait for each other: there are {@value #PLACES} places to gather in, and a sample goes into the first that
 *       no other thread is busy with. With one alone, a thread that loses its CPU in the middle of a send makes all others queue up
 *       behind it. Ledger and socket have a lock of their own, for a send only.
 * </ul>
 *
 * <p>The socket is a {@link DatagramSocket} and not a channel because an interrupt, which is how some tools end their threads,
 * closes a channel.
 */
final class SumpSender {
    /**
     * Ledger line included. A send costs the same whatever it carries, some 60 µs where it wakes the receiver, and is the
     * dearest part of a sample: with 250 of them in a datagram it is a quarter of a µs. Beyond 16 KiB the kernel also charges a receiver's buffer for
     * little more than the bytes, below for up to twice as many.
     */
    static final int DATAGRAM_BYTES_MAX = 32_768;

    static final int PLACES = 4;

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
    private final LineBuffer scratch = new LineBuffer();
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
        this.packet = new DatagramPacket(places[0].datagram, 0, host, port);
    }

    /** Samples and lines that wait for their datagram. Guarded by {@link #lock}. */
    private static final class Pending {
        /** Enough for the code to pay, and few enough to stay in a cache of 2 MiB with what a tool allocates meanwhile. */
        static final int SAMPLES_MAX = 64;

        final ReentrantLock lock = new ReentrantLock();
        final Sample[] samples = new Sample[SAMPLES_MAX];
        int sampleCount;
        final LineBuffer line = new LineBuffer();
        final LineWriter.Remembered remembered = new LineWriter.Remembered();
        final byte[] datagram = new byte[DATAGRAM_BYTES_MAX];
        int used;
        /** Lines in the datagram that are samples. */
        int sampleLines;
        int truncated;

        Pending() {
            for (int i = 0; i < SAMPLES_MAX; i++) {
                samples[i] = new Sample();
            }
        }
    }

    /** Takes a copy. Ignores what comes after {@link #close}. */
    void sample(Sample sample) {
        Pending place = lockOne();
        try {
            if (closed) {
                return;
            }
            place.samples[place.sampleCount++].copy(sample);
            if (place.sampleCount == Pending.SAMPLES_MAX) {
                write(place);
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
                append(place, line);
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

    /** Makes lines of the samples. None may keep the others from being sent, or the thread that is here from its work. */
    private void write(Pending place) {
        long nowMs = System.currentTimeMillis();
        for (int i = 0; i < place.sampleCount; i++) {
            Sample sample = place.samples[i];
            boolean written;
            try {
                written = write(place.line, place.remembered, sample, nowMs);
            } catch (RuntimeException | VirtualMachineError e) {
                written = false;
                warnOnce(e);
            }
            sample.forget();
            if (written) {
                append(place, place.line);
                place.sampleLines++;
            } else {
                place.truncated++;
            }
        }
        place.sampleCount = 0;
    }

    /** False when it does not fit a datagram, even without its error. */
    private boolean write(LineBuffer line, LineWriter.Remembered last, Sample sample, long nowMs) {
        line.clear();
        int errorFrom = lines.sample(line, last, sample, nowMs);
        if (line.length() > payloadBytesMax) {
            lines.withoutError(line, last, errorFrom, sample, nowMs);
        }
        return line.length() <= payloadBytesMax;
    }

    private void warnOnce(Throwable e) {
        if (!failureTold) {
            failureTold = true;
            log.warn("failed to make a line of a sample, which counts as truncated: " + e + " (further failures are counted only)");
        }
    }

    private void append(Pending place, LineBuffer line) {
        int length = line.length();
        if (place.used + length > payloadBytesMax) {
            send(place);
        }
        System.arraycopy(line.array(), 0, place.datagram, place.used, length);
        place.used += length;
    }

    private void sendAll(Pending place) {
        write(place);
        if (place.used > 0 || place.truncated > 0) {
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
            place.used = 0;
            place.sampleLines = 0;
            place.truncated = 0;
        } finally {
            wire.unlock();
        }
    }

    private String sendLast() {
        wire.lock();
        try {
            seal(places[0], true);
            for (int copy = 0; copy < FINAL_COPIES; copy++) {
                if (copy > 0) {
                    LockSupport.parkNanos(FINAL_GAP_NS);
                }
                transmit();
            }
            socket.close();
            return scratch.toString().trim();
        } finally {
            wire.unlock();
        }
    }

    /** Puts the ledger behind what is there. */
    private void seal(Pending place, boolean last) {
        ledger.nextDatagram();
        scratch.clear();
        lines.ledger(scratch, ledger, last);
        System.arraycopy(scratch.array(), 0, place.datagram, place.used, scratch.length());
        packet.setData(place.datagram, 0, place.used + scratch.length());
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
