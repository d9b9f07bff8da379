package io.gridnode.sump.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Traces that wait to be written: one of each kind comes before the second of any, and makes room for itself where there is none.
 * Thread safe.
 */
final class TraceQueue {
    /** Kinds that are known to have had their turn; beyond it all have another. */
    private static final int TURNS_MAX = 1_000;

    private final int tracesMax;
    private final long bytesMax;
    private final ArrayDeque<Trace> waiting = new ArrayDeque<>();
    private final Set<TraceKey> hadTurn = new HashSet<>();
    private boolean closed;
    private long bytes;
    /** Failures that are told with what waits, and with what is being written. */
    private long failures;

    TraceQueue(int tracesMax, long bytesMax) {
        this.tracesMax = tracesMax;
        this.bytesMax = bytesMax;
    }

    /** Says for which there is no room: that one, or those that it takes the place of. */
    synchronized List<Trace> offer(Trace trace) {
        List<Trace> removed = new ArrayList<>(0);
        long size = trace.bytes();
        boolean another = waiting.stream().anyMatch(one -> one.key.equals(trace.key));
        while (waiting.size() >= tracesMax || bytes + size > bytesMax) {
            Trace last = another ? null : lastOfMany();
            if (last == null) {
                removed.add(trace);
                return removed;
            }
            waiting.removeLastOccurrence(last);
            bytes -= last.bytes();
            failures -= last.failures();
            removed.add(last);
        }
        waiting.add(trace);
        bytes += size;
        failures += trace.failures();
        notifyAll();
        return removed;
    }

    /** The last one of a kind of which more than one waits, or null. */
    private Trace lastOfMany() {
        Set<TraceKey> kinds = new HashSet<>();
        Trace last = null;
        for (Trace trace : waiting) {
            last = kinds.add(trace.key) ? last : trace;
        }
        return last;
    }

    /** The next one, or null when there is none for so long. It is to be {@link #written}. */
    synchronized Trace poll(long waitMs) throws InterruptedException {
        if (waiting.isEmpty() && !closed) {
            wait(waitMs);
        }
        return next();
    }

    private Trace next() {
        Trace next = waiting.stream().filter(trace -> !hadTurn.contains(trace.key)).findFirst().orElse(waiting.peek());
        if (next == null) {
            return null;
        }
        if (hadTurn.contains(next.key) || hadTurn.size() >= TURNS_MAX) {
            hadTurn.clear();
        }
        hadTurn.add(next.key);
        for (Iterator<Trace> all = waiting.iterator(); all.hasNext(); ) {
            if (all.next() == next) {
                all.remove();
                break;
            }
        }
        bytes -= next.bytes();
        return next;
    }

    /** What it tells of is told, or counted, by now. */
    synchronized void written(Trace trace) {
        failures -= trace.failures();
    }

    /** Nobody waits any more. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized long failures() {
        return failures;
    }
}
