package io.gridnode.sump;

/**
 * One finished sample, for {@link Source#send}. Made to be reused: one object a thread, {@link #clear} before each use, so
 * that a sample costs no garbage.
 *
 * <p>Not thread safe.
 */
public final class Sample {
    private static final int US_PER_MS = 1_000;
    /** Longer than what a line has room for, so that where it is cut stays the line's affair. */
    private static final int ERROR_CHARS_KEPT = 2 * LineWriter.ERROR_BYTES_MAX;

    /** What was measured; null or empty counts as {@code __empty__}. */
    public String label;
    /** {@link LineWriter#encodeLabel} of the label, or null; where it is set, {@link #label} is not looked at. */
    public byte[] encodedLabel;
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

    /** Becomes a copy; of an error only what can be sent. */
    void copy(Sample other) {
        label = other.label;
        encodedLabel = other.encodedLabel;
        rtMs = other.rtMs;
        rtRestUs = other.rtRestUs;
        ok = other.ok;
        code = other.code;
        latencyMs = other.latencyMs;
        latencyRestUs = other.latencyRestUs;
        connectMs = other.connectMs;
        connectRestUs = other.connectRestUs;
        rxBytes = other.rxBytes;
        txBytes = other.txBytes;
        transaction = other.transaction;
        error = other.error;
        if (error != null && error.length() > ERROR_CHARS_KEPT) {
            error = error.substring(0, ERROR_CHARS_KEPT);
        }
        endMs = other.endMs;
    }

    /** Lets go of texts that may be long. */
    void forget() {
        label = null;
        encodedLabel = null;
        error = null;
    }

    /** As after construction: a success without any measurement. */
    public Sample clear() {
        label = null;
        encodedLabel = null;
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
