package io.gridnode.sump.trace;

import io.gridnode.sump.Log;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes traces on a thread of its own: users wait neither for the disk nor until secrets are found. What cannot be written, or
 * finds no room here because the disk is slow, counts as lost. Of all that goes wrong one line is said.
 */
final class TraceWriter {
    /** Twice what a window may have; a slow disk holds no more of the tool's memory. */
    private static final int TRACES_MAX = 200;
    private static final long BYTES_MAX = 16 << 20;
    /** So long traces are written at the end; those that are left then count as lost. */
    static final long END_NS_MAX = 3_000_000_000L;
    /** A disk that hangs must not keep the tool from its end. */
    private static final long WAIT_MS_MAX = 5_000;
    /** What a tool that is killed may take with it of the counts. */
    private static final long PENDING_NS = 1_000_000_000;

    private final TraceFiles files;
    private final TraceJson json;
    private final TraceCaps caps;
    private final Log log;
    private final BlockingQueue<Trace> queue = new LinkedBlockingQueue<>(TRACES_MAX);
    private final AtomicLong bytes = new AtomicLong();
    /** Failures that are told with what is in the queue: a tool that is killed leaves their number. */
    private final AtomicLong waiting = new AtomicLong();
    /** Traces that there should be and are not. */
    private final AtomicLong unwritten = new AtomicLong();
    private final long endNsMax;
    private final Thread thread = new Thread(this::run, "gridnode-traces");
    private volatile boolean ending;
    private volatile long endNs;
    private boolean failureLogged;
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
        bytes.addAndGet(trace.bytes());
        waiting.addAndGet(trace.failures());
        if (ending || bytes.get() > BYTES_MAX || !queue.offer(trace)) {
            notWritten(trace);
            leaves(trace);
        }
    }

    /** Writes what is left and what was suppressed. */
    void end() {
        endNs = System.nanoTime();
        ending = true;
        thread.interrupt();
        try {
            thread.join(WAIT_MS_MAX);
            if (thread.isAlive()) {
                log.warn("the last error traces are not written, and count as lost: their disk does not answer, or the machine "
                        + "has no time for them");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!ending) {
            try {
                Trace trace = queue.poll(PENDING_NS, TimeUnit.NANOSECONDS);
                if (trace != null) {
                    write(trace);
                }
                writePending(trace != null);
            } catch (InterruptedException e) {
                // Only the end does that.
                break;
            }
        }
        // What interrupts a thread closes the file that it writes.
        Thread.interrupted();
        int left = 0;
        for (Trace trace = queue.poll(); trace != null; trace = queue.poll()) {
            if (System.nanoTime() - endNs < endNsMax) {
                write(trace);
            } else {
                left++;
                notWritten(trace);
                leaves(trace);
            }
        }
        if (left > 0) {
            log.warn(left + " error traces are not written, for there was no time left at the end; they count as lost");
        }
        writeRest();
    }

    private void write(Trace trace) {
        try {
            byte[] content = json.of(trace);
            if (content == null) {
                throw new IOException("a trace is larger than " + TraceJson.BYTES_MAX + " bytes");
            }
            files.write(content);
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            notWritten(trace);
            failed(e);
        }
        leaves(trace);
    }

    /** What it tells of is told by another one; itself it is lost. */
    void notWritten(Trace trace) {
        if (!trace.slow) {
            unwritten.incrementAndGet();
        }
        if (trace.suppressed > 0) {
            caps.notWritten(trace.key, trace.suppressed);
        }
    }

    /** It waits no longer; what it tells of is told, or counted, by now. */
    private void leaves(Trace trace) {
        bytes.addAndGet(-trace.bytes());
        waiting.addAndGet(-trace.failures());
    }

    /** @param told whether a trace has just told of some: else a kill would have them told twice */
    private void writePending(boolean told) {
        long now = System.nanoTime();
        if (!told && now - pendingNs < PENDING_NS) {
            return;
        }
        pendingNs = now;
        long untold = caps.untold() + waiting.get();
        long lost = unwritten.get();
        if (untold == pending && lost == pendingLost) {
            return;
        }
        try {
            files.writePending(json.suppressed(List.of(), untold, lost));
            pending = untold;
            pendingLost = lost;
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            failed(e);
        }
    }

    private void writeRest() {
        List<TraceCaps.Rest> rest = caps.takeRest();
        long others = caps.takeOthers();
        long lost = unwritten.get();
        if (rest.isEmpty() && others + lost + pending == 0) {
            return;
        }
        try {
            files.writeSuppressed(json.suppressed(rest, others, lost));
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        if (!failureLogged) {
            failureLogged = true;
            log.warn("failed to write an error trace (" + e + "); it counts as lost, and so do others like it. Look at the "
                    + "disk that has GRIDNODE_TRACE_DIR");
        }
    }
}
