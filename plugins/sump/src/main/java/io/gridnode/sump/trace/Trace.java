package io.gridnode.sump.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * One sample in full, to be filled with what its tool knows and handed to {@link Traces#write}. All is copied: nothing of the tool
 * is kept.
 */
public final class Trace {
    /** Redirects and embedded resources. */
    public static final int STEPS_MAX = 10;
    /** Of the bodies of these. */
    public static final int STEP_BODY_BYTES_MAX = 4 << 10;
    /** Of a URL, a header's value and what else is short as a rule. */
    private static final int CHARS_MAX = 8 << 10;
    private static final int ASSERTIONS_MAX = 20;

    /** Wall clock at the start. */
    public long startMs;
    /** Response time, µs. */
    public long rtUs;
    /** Whose user it was, in the tool's words. */
    public String thread;
    /** The sample itself. */
    public final Exchange exchange = new Exchange();

    final TraceKey key;
    final boolean slow;
    /** Of the same kind, not written since the last one that was. */
    final long suppressed;
    final List<String[]> assertions = new ArrayList<>();
    final List<Exchange> steps = new ArrayList<>();

    Trace(TraceKey key, boolean slow, long suppressed) {
        this.key = key;
        this.slow = slow;
        this.suppressed = suppressed;
    }

    /** One that failed. */
    public void assertion(String name, String message) {
        if (assertions.size() < ASSERTIONS_MAX) {
            assertions.add(new String[] {cut(name), cut(message)});
        }
    }

    /** One more redirect or embedded resource, or null when there are enough. */
    public Exchange step() {
        if (steps.size() >= STEPS_MAX) {
            return null;
        }
        Exchange step = new Exchange();
        steps.add(step);
        return step;
    }

    /** Never null. */
    static String cut(String text) {
        if (text == null) {
            return "";
        }
        return text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX);
    }

    /** About what it needs until it is written. */
    long bytes() {
        return exchange.bytes() + steps.stream().mapToLong(Exchange::bytes).sum() + CHARS_MAX;
    }
}
