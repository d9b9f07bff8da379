package io.gridnode.sump.trace;

import io.gridnode.sump.Log;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes traces on a thread of its own: users wait neither for the disk nor until secrets are found. What cannot be written, or
 * finds no room here because others are not written yet, counts as lost. Of each way in which that comes about one line is said.
 */
final class TraceWriter {
    /** Twice what a window may have; a slow disk holds no more of the tool's memory. */
    private static final int TRACES_MAX = 200;
    private static final long BYTES_MAX = 16 << 20;
    /**
     * So long traces are written at the end; those that are left then count as lost. To find secrets takes longer than to write. A
     * tool that is asked to stop has a little more until it is terminated.
     */
    static final long END_NS_MAX = 9_000_000_000L;
    /** The same when the JVM is told to end: then it is killed soon. */
    private static final long HURRY_NS_MAX = 2_000_000_000L;
    /** A disk that hangs must not keep the tool from its end. */
    private static final long WAIT_MS_MAX = 5_000;
    /** What a tool that is killed may take with it of the counts. */
    private static final long PENDING_NS = 1_000_000_000;

    private final TraceFiles files;
    private final TraceJson json;
    private final TraceCaps caps;
    private final Log log;
    private final TraceQueue queue = new TraceQueue(TRACES_MAX, BYTES_MAX);
    private final Lost lost = new Lost();
    private final long endNsMax;
    private final Thread thread = new Thread(this::run, "gridnode-traces");
    private volatile long endNs;
    private volatile boolean hurried;
    private volatile long hurriedNs;
    /** Traces that were looked at. */
    private volatile long progress;
    private final AtomicBoolean failureLogged = new AtomicBoolean();
    private final AtomicBoolean crowdLogged = new AtomicBoolean();
    private final AtomicBoolean unreadableLogged = new AtomicBoolean();
    private long pending;
    private long pendingLost;
    private long pendingNs = System.nanoTime();

    /** @param endNsMax so long traces are written at the end */
    TraceWriter(TraceFiles files, TraceJson json, TraceCaps caps, Log log, long endNsMax) {
        this.endNsMax = endNsMax;
        this.files = files;
        this.json = json;
        this.caps = caps;
        this.log = log;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Never waits. */
    void offer(Trace trace) {
        if (queue.isClosed()) {
            notWritten(trace, lost.late);
            return;
        }
        for (Trace other : queue.offer(trace)) {
            notWritten(other, lost.crowded);
            if (crowdLogged.compareAndSet(false, true)) {
                log.warn("an error trace is not written, for as many as may wait are waiting: their secrets are not found, or their "
                        + "disk does not write, as fast as they come; it counts as lost, and so do others like it");
            }
        }
    }

    /** The tool could not tell what it has. */
    void unreadable(Trace trace) {
        notWritten(trace, lost.failed);
        if (unreadableLogged.compareAndSet(false, true)) {
            log.warn("an error trace is not written, for what the tool has of its sample cannot be read; it counts as lost, and so do "
                    + "others like it");
        }
    }

    /** One that came after the end. */
    void isLate() {
        lost.late.incrementAndGet();
    }

    /** The end must not take long, also where it has begun. */
    void hurry() {
        hurriedNs = System.nanoTime();
        hurried = true;
    }

    /** Writes what is left and what was suppressed. */
    void end() {
        endNs = System.nanoTime();
        // Not interrupted: that closes the file that it writes.
        queue.close();
        try {
            long before;
            do {
                before = progress;
                thread.join(WAIT_MS_MAX);
            } while (thread.isAlive() && progress != before);
            if (thread.isAlive()) {
                log.warn("the last error traces are not written, and count as lost: their disk does not answer, or the machine "
                        + "has no time for them");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isOver() {
        long now = System.nanoTime();
        return now - endNs >= endNsMax || hurried && now - hurriedNs >= HURRY_NS_MAX;
    }

    private void run() {
        int left = 0;
        for (Trace trace = next(); trace != null || !queue.isClosed(); trace = next()) {
            progress++;
            if (trace != null && queue.isClosed() && isOver()) {
                left++;
                notWritten(trace, lost.late);
                queue.written(trace);
                continue;
            }
            if (trace != null) {
                write(trace);
            }
            writePending(trace != null);
        }
        if (left > 0) {
            log.warn(left + " error traces are not written, for there was no time left at the end; they count as lost");
        }
        writeRest();
    }

    private Trace next() {
        try {
            return queue.poll(PENDING_NS / 1_000_000);
        } catch (InterruptedException e) {
            // Nobody does that; the end is said by the queue.
            return null;
        }
    }

    private void write(Trace trace) {
        try {
            byte[] content = json.of(trace);
            if (content == null) {
                throw new IOException("a trace is larger than " + TraceJson.BYTES_MAX + " bytes");
            }
            files.write(content);
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            notWritten(trace, lost.failed);
            failed(e);
        }
        queue.written(trace);
    }

    /** What it tells of is told by another one; itself it is lost. */
    private void notWritten(Trace trace, AtomicLong why) {
        if (!trace.slow) {
            why.incrementAndGet();
        }
        if (trace.suppressed > 0) {
            caps.notWritten(trace.key, trace.suppressed);
        }
    }

    /** @param told whether a trace has just told of some: else a kill would have them told twice */
    private void writePending(boolean told) {
        long now = System.nanoTime();
        if (!told && now - pendingNs < PENDING_NS) {
            return;
        }
        pendingNs = now;
        long untold = caps.untold() + queue.failures();
        long lostNow = lost.total();
        if (untold == pending && lostNow == pendingLost) {
            return;
        }
        try {
            files.writePending(json.suppressed(List.of(), untold, lost));
            pending = untold;
            pendingLost = lostNow;
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            failed(e);
        }
    }

    private void writeRest() {
        List<TraceCaps.Rest> rest = caps.takeRest();
        long others = caps.takeOthers();
        if (rest.isEmpty() && others + lost.total() + pending == 0) {
            return;
        }
        try {
            files.writeSuppressed(json.suppressed(rest, others, lost));
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        if (failureLogged.compareAndSet(false, true)) {
            log.warn("failed to write an error trace (" + e + "); it counts as lost, and so do others like it. Look at the "
                    + "disk that has GRIDNODE_TRACE_DIR");
        }
    }
}
