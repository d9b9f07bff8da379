package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which failures get a trace, window by window of the samples' ends: so many of a key (label, code, fingerprint), so many in all.
 * As many again are kept for keys that have had none in the whole run, of which one label gets a quarter at most: a storm must
 * hide nothing new, neither in its first window nor in a later one. What gets none is counted: every failure is either written or
 * in one of the counts.
 *
 * <p>Thread safe. No clock: time is the sample's end.
 */
final class TraceCaps {
    /** What {@link #failed} answers instead of a count. */
    static final long SUPPRESSED = -1;
    /** Beyond it the keys that were not seen for the longest time are one number. */
    static final int KEYS_MAX = 1_000;
    /** Keys that are known to have had one; beyond it the oldest is new again. */
    static final int SHOWN_MAX = 10_000;
    /** One label's part of what is kept for new keys, the reciprocal. */
    private static final int LABELS = 4;
    /** Successes of a window that were slow. */
    static final int SLOW_MAX = 3;
    /** An end that is this much older was late; beyond it the clock was set back, and its windows count anew. */
    private static final long LATE_MS_MAX = 3_600_000;

    private final int perKey;
    private final int perWindow;
    private final long windowMs;
    private final Map<TraceKey, Count> counts = new LinkedHashMap<>(16, 0.75f, true);
    /** Hashes of keys that have had one in this run. */
    private final Set<Long> shown = new LinkedHashSet<>();
    /** Of this window's new ones, by label. */
    private final Map<String, Integer> newOfLabel = new HashMap<>();
    private long window = Long.MIN_VALUE / 2;
    private int written;
    private int writtenNew;
    private int slow;
    private long others;

    private static final class Count {
        private long window = Long.MIN_VALUE;
        private int written;
        private long suppressed;
    }

    /** What was not written of a key. */
    static final class Rest {
        final TraceKey key;
        final long count;

        private Rest(TraceKey key, long count) {
            this.key = key;
            this.count = count;
        }
    }

    TraceCaps(int perKey, int perWindow, long windowMs) {
        this.perKey = perKey;
        this.perWindow = perWindow;
        this.windowMs = windowMs;
    }

    /** Whether this failure is written: how many of its key were not since the last that was, or {@link #SUPPRESSED}. */
    synchronized long failed(TraceKey key, long endMs) {
        turn(endMs);
        Count count = count(key);
        if (count.window != window) {
            count.window = window;
            count.written = 0;
        }
        if (count.written >= perKey || !takeRoom(key)) {
            count.suppressed++;
            return SUPPRESSED;
        }
        count.written++;
        long suppressed = count.suppressed;
        count.suppressed = 0;
        return suppressed;
    }

    private boolean takeRoom(TraceKey key) {
        long hash = key.longHash();
        int ofLabel = newOfLabel.getOrDefault(key.label, 0);
        if (writtenNew < perWindow && ofLabel < (perWindow + LABELS - 1) / LABELS && !shown.contains(hash)) {
            writtenNew++;
            newOfLabel.put(key.label, ofLabel + 1);
        } else if (written < perWindow) {
            written++;
        } else {
            return false;
        }
        if (shown.add(hash) && shown.size() > SHOWN_MAX) {
            var eldest = shown.iterator();
            eldest.next();
            eldest.remove();
        }
        return true;
    }

    /** Whether this slow success is written. */
    synchronized boolean slow(long endMs) {
        turn(endMs);
        if (slow >= SLOW_MAX) {
            return false;
        }
        slow++;
        return true;
    }

    /** So many were to be written and could not be. */
    synchronized void notWritten(TraceKey key, long traces) {
        count(key).suppressed += traces;
    }

    /** How many were not written and not told with a later trace, until now. */
    synchronized long untold() {
        return others + counts.values().stream().mapToLong(count -> count.suppressed).sum();
    }

    /** What was not written and not told with a later trace: told now. */
    synchronized List<Rest> takeRest() {
        List<Rest> rest = new ArrayList<>();
        counts.forEach((key, count) -> {
            if (count.suppressed > 0) {
                rest.add(new Rest(key, count.suppressed));
                count.suppressed = 0;
            }
        });
        return rest;
    }

    /** The same of keys that are not remembered. */
    synchronized long takeOthers() {
        long taken = others;
        others = 0;
        return taken;
    }

    private Count count(TraceKey key) {
        Count count = counts.get(key);
        if (count == null) {
            count = new Count();
            counts.put(key, count);
            if (counts.size() > KEYS_MAX) {
                var eldest = counts.entrySet().iterator();
                others += eldest.next().getValue().suppressed;
                eldest.remove();
            }
        }
        return count;
    }

    /** A late end counts into the newest window: else ends on both sides of a border would each begin it anew. */
    private void turn(long endMs) {
        long next = Math.floorDiv(endMs, windowMs);
        if (next > window || next < window - LATE_MS_MAX / windowMs) {
            window = next;
            written = 0;
            writtenNew = 0;
            newOfLabel.clear();
            slow = 0;
        }
    }
}
