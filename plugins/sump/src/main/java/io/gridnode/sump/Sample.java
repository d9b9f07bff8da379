package io.gridnode.sump;

/**
 * One finished sample, for {@link Source#send}. Made to be reused: one object a thread, {@link #clear} before each use, so
 * that a sample costs no garbage.
 *
 * <p>Not thread safe.
 */
public final class Sample {
    /** What was measured; null or empty counts as {@code __empty__}. */
    public String label;
    /** {@link LineWriter#encodeLabel} of the label, or null; where it is set, {@link #label} is not looked at. */
    public byte[] encodedLabel;
    /** Response time. */
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

    final LineBuffer line = new LineBuffer();

    /** As after construction: a success without any measurement. */
    public Sample clear() {
        label = null;
        encodedLabel = null;
        rtMs = 0;
        ok = true;
        code = null;
        latencyMs = -1;
        connectMs = -1;
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
