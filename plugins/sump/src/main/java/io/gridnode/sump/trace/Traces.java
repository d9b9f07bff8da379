package io.gridnode.sump.trace;

import io.gridnode.sump.LabelCache;
import io.gridnode.sump.Log;
import io.gridnode.sump.SentText;
import io.gridnode.sump.Settings;

/**
 * Error traces of a run: a few failed samples of each kind and window in full, without secrets, as files that the agent takes.
 * Thread safe.
 *
 * <pre>
 * Trace trace = traces.failed(sample.label, sample.code, sample.error, sample.endMs);   // null: there are enough of its kind
 * if (trace != null) {
 *     trace.exchange.url = …;                                                            // copied from what the tool has
 *     traces.write(trace);                                                               // never waits
 * }
 * </pre>
 */
public final class Traces {
    private static final String LABEL_EMPTY = "__empty__";
    private static final String CODE_NONE = "none";

    private final TraceCaps caps;
    private final TraceWriter writer;
    private final long slowerMs;
    private final LabelCache<Print> prints = new LabelCache<>();
    private final Thread hook = new Thread(this::finishSoon, "gridnode-traces-end");
    private volatile boolean ended;

    /** The fingerprint of an error text: the same texts come again and again. */
    private static final class Print {
        private final String error;
        private final String print;

        private Print(String error) {
            this.error = error;
            print = Fingerprint.of(error);
        }
    }

    private Traces(TraceCaps caps, TraceWriter writer, long slowerMs) {
        this.caps = caps;
        this.writer = writer;
        this.slowerMs = slowerMs;
    }

    /**
     * Null when the settings want none.
     *
     * @param source as in {@link io.gridnode.sump.Source#name}: names the files
     */
    public static Traces start(Settings settings, String source, Log log) {
        TraceSettings wanted = settings.traces;
        if (wanted == null) {
            return null;
        }
        TraceCaps caps = new TraceCaps(wanted.perLabel, wanted.perWindow, wanted.windowMs);
        TraceJson json = new TraceJson(settings.flood, new Redactor(wanted.key, wanted.secrets));
        TraceWriter writer = new TraceWriter(new TraceFiles(wanted.dir, source), json, caps, log, TraceWriter.END_NS_MAX);
        Traces traces = new Traces(caps, writer, wanted.slowerMs);
        writer.start();
        Runtime.getRuntime().addShutdownHook(traces.hook);
        return traces;
    }

    /**
     * A failed sample, with the values of its line.
     *
     * @return null when there are enough of its kind: that is counted
     */
    public Trace failed(String label, String code, String error, long endMs) {
        if (ended) {
            writer.isLate();
            return null;
        }
        String sent = SentText.error(error);
        TraceKey key = key(label, code, sent, print(sent));
        long suppressed = caps.failed(key, endMs);
        return suppressed == TraceCaps.SUPPRESSED ? null : new Trace(key, false, suppressed);
    }

    /** Whether any success may have one. */
    public boolean showsSlow() {
        return slowerMs >= 0;
    }

    /** Whether a success was slow enough for one. */
    public boolean isSlow(long rtMs) {
        return slowerMs >= 0 && rtMs > slowerMs;
    }

    /** A slow success; null when there are enough. */
    public Trace slow(String label, String code, long endMs) {
        return ended || !caps.slow(endMs) ? null : new Trace(key(label, code, "", ""), true, 0);
    }

    /** Hands over what is to be written; the caller touches it no more. */
    public void write(Trace trace) {
        writer.offer(trace);
    }

    /** The tool could not tell what it has: this one counts as lost. */
    public void unreadable(Trace trace) {
        writer.unreadable(trace);
    }

    /** Every sample was handed over: writes what is left. Waits some seconds at most. */
    public void end() {
        finish();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down already; the hook finds nothing left to do.
        }
    }

    /** Whoever ends the JVM does not wait for long, and may find that the tool waits for its last traces. */
    private void finishSoon() {
        writer.hurry();
        finish();
    }

    private synchronized void finish() {
        if (!ended) {
            ended = true;
            writer.end();
        }
    }

    private static TraceKey key(String label, String code, String error, String print) {
        return new TraceKey(
                label == null || label.isEmpty() ? LABEL_EMPTY : label,
                code == null || code.isEmpty() ? CODE_NONE : SentText.code(code),
                error,
                print);
    }

    private String print(String error) {
        int first = LabelCache.first(error.hashCode());
        for (int place = first; place < first + LabelCache.WAYS; place++) {
            Print known = prints.at(place);
            if (known != null && known.error.equals(error)) {
                return known.print;
            }
        }
        Print made = new Print(error);
        prints.put(first, made);
        return made.print;
    }
}
