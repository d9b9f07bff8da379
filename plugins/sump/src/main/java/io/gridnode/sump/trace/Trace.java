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
    private static final int CONSOLE_MAX = 50;
    /** Of one of its lines. */
    private static final int CONSOLE_CHARS_MAX = 2 << 10;
    private static final int PNG_BYTES_MAX = 5 << 20;

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
    /** Beyond those. */
    int stepsOmitted;
    final List<String[]> console = new ArrayList<>();
    /** Null when there is none. */
    byte[] png;

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

    /** One more redirect or embedded resource, or null when there are enough: that is counted. */
    public Exchange step() {
        if (steps.size() >= STEPS_MAX) {
            stepsOmitted++;
            return null;
        }
        Exchange step = new Exchange();
        steps.add(step);
        return step;
    }

    /** A line of a browser's console. */
    public void console(String level, String source, String text) {
        if (console.size() < CONSOLE_MAX) {
            String cut = cut(text);
            console.add(new String[] {cut(level), cut(source), cut.substring(0, Math.min(cut.length(), CONSOLE_CHARS_MAX))});
        }
    }

    /** What a browser showed; null and what is too large is left out. */
    public void screenshot(byte[] png) {
        this.png = png == null || png.length > PNG_BYTES_MAX ? null : png;
    }

    /** Never null. */
    static String cut(String text) {
        if (text == null) {
            return "";
        }
        return text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX);
    }

    /** How many failures are told with it. */
    long failures() {
        return slow ? 0 : 1 + suppressed;
    }

    /** About what it needs until it is written. */
    long bytes() {
        long bytes = exchange.bytes() + steps.stream().mapToLong(Exchange::bytes).sum() + CHARS_MAX;
        return bytes + console.size() * (long) CONSOLE_CHARS_MAX + (png == null ? 0 : png.length);
    }
}
