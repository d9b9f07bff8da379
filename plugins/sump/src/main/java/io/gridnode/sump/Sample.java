package io.gridnode.sump;

/**
 * One finished sample, for {@link Source#send}. Made to be reused, so that a sample costs no garbage: one object a
 * thread. Before each use {@link #clear} it, or set every field that was ever set.
 *
 * <p>Not thread safe.
 */
public final class Sample {
    private static final int US_PER_MS = 1_000;

    /** What was measured; null or empty counts as {@code __empty__}. */
    public String label;
    /** {@link LineHead#of} the label, or null; where it is set, {@link #label} is not looked at. */
    public byte[] head;
    /** Response time. {@link #setRtUs} is for tools that measure finer than this; so it is with the other times. */
    public long rtMs;
    /** False counts as failed. */
    public boolean ok;
    /** Response code, or null. */
    public String code;
    /** Time to the first byte, or negative where it was not measured. */
    public long latencyMs;
    /** Time to connect, or negative where it was not measured. */
    public long connectMs;
    /** Received, or negative where it was not measured. */
    public long rxBytes;
    /** Sent, or negative where it was not measured. */
    public long txBytes;
    /** A group of requests, which are sent as samples of their own. */
    public boolean transaction;
    /** Why it failed, or null. */
    public String error;
    /** Wall clock at the end. */
    public long endMs;

    /** The µs beyond {@link #rtMs}, {@link #latencyMs} and {@link #connectMs}: 0 to 999. */
    int rtRestUs;
    int latencyRestUs;
    int connectRestUs;

    /** Sets {@link #rtMs} and what is beyond it. */
    public void setRtUs(long us) {
        rtMs = Math.floorDiv(us, US_PER_MS);
        rtRestUs = Math.floorMod(us, US_PER_MS);
    }

    /** The response time, with what is beyond {@link #rtMs}. */
    public long rtUs() {
        return rtMs * US_PER_MS + rtRestUs;
    }

    /** Sets {@link #latencyMs} and what is beyond it. */
    public void setLatencyUs(long us) {
        latencyMs = Math.floorDiv(us, US_PER_MS);
        latencyRestUs = Math.floorMod(us, US_PER_MS);
    }

    /** Sets {@link #connectMs} and what is beyond it. */
    public void setConnectUs(long us) {
        connectMs = Math.floorDiv(us, US_PER_MS);
        connectRestUs = Math.floorMod(us, US_PER_MS);
    }

    /** As after construction: a success without any measurement. */
    public Sample clear() {
        label = null;
        head = null;
        rtMs = 0;
        rtRestUs = 0;
        ok = true;
        code = null;
        latencyMs = -1;
        latencyRestUs = 0;
        connectMs = -1;
        connectRestUs = 0;
        rxBytes = -1;
        txBytes = -1;
        transaction = false;
        error = null;
        endMs = 0;
        return this;
    }

    /** See {@link #clear}. */
    public Sample() {
        clear();
    }
}
