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
        /** Where the line waits that did not fit any more. */
        final LineBuffer next = new LineBuffer(LINE_BYTES_EXPECTED);
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

    /** Counts a sample that could not be read. Ignores what comes after {@link #close}. */
    void unreadable(Throwable e) {
        Pending place = lockOne();
        try {
            if (!closed) {
                place.truncated++;
            }
        } finally {
            place.lock.unlock();
        }
        warnOnce(e);
    }

    /** Takes one line that the ledger does not count, which must fit. Ignores what comes after {@link #close}. */
    void line(LineBuffer line) {
        Pending place = lockOne();
        try {
            if (!closed && line.length() <= payloadBytesMax) {
                int from = place.lines.length();
                place.lines.append(line, 0);
                leaveRoom(place, from);
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

    /** Never keeps the tool's thread from its work: a sample that cannot be written is counted, and no part of its line stays. */
    private void write(Pending place, Sample sample) {
        int from = place.lines.length();
        Throwable failure = null;
        boolean written = false;
        try {
            written = writeLine(place, sample, from);
            leaveRoom(place, from);
        } catch (RuntimeException | VirtualMachineError e) {
            written = false;
            failure = e;
        }
        if (written) {
            sendWhatIsFull(place, from);
            place.sampleLines++;
            return;
        }
        place.lines.cutTo(from);
        place.truncated++;
        if (failure != null) {
            warnOnce(failure);
        }
    }

    /** False when it has no line that fits a datagram, even without its error. */
    private boolean writeLine(Pending place, Sample sample, int from) {
        int errorFrom = lines.sample(place.lines, place.remembered, sample);
        if (place.lines.length() - from > payloadBytesMax) {
            lines.withoutError(place.lines, place.remembered, errorFrom, sample);
        }
        return place.lines.length() - from <= payloadBytesMax;
    }

    /** Copies the last line, which begins there, where it is one too many for its datagram: then nothing is left that can fail. */
    private void leaveRoom(Pending place, int from) {
        if (place.lines.length() > payloadBytesMax) {
            place.next.clear();
            place.next.append(place.lines, from);
        }
    }

    /** Where the last line was one too many, it becomes the first of the next datagram. */
    private void sendWhatIsFull(Pending place, int from) {
        if (place.lines.length() > payloadBytesMax) {
            place.lines.cutTo(from);
            send(place);
            place.lines.append(place.next, 0);
        }
    }

    private void warnOnce(Throwable e) {
        if (!failureTold) {
            failureTold = true;
            warn("failed to make a line of a sample, which counts as truncated: " + e + " (further failures are counted only)");
        }
    }

    /** Where even that fails, as it may at the end of the stack or of memory, the numbers of the ledger are all that is left to say it. */
    private void warn(String text) {
        try {
            log.warn(text);
        } catch (RuntimeException | VirtualMachineError e) {
            // Nothing is left to try.
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
        } finally {
            // Also after a failure: what was counted and is not sent is a loss that shows; counted twice it would not balance.
            place.lines.clear();
            place.sampleLines = 0;
            place.truncated = 0;
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
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            // The last of them for want of memory outside the heap, where the datagram is copied to.
            sendErrors++;
            if (sendErrors == 1) {
                warn("failed to send results to " + packet.getAddress() + ":" + packet.getPort() + ": " + e
                        + " (further failures are counted only)");
            }
        }
    }
}
