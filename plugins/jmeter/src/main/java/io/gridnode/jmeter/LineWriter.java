package io.gridnode.jmeter;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.jmeter.assertions.AssertionResult;
import org.apache.jmeter.samplers.SampleResult;

/**
 * Writes the lines of the sump's sample dialect: what a sample, the users and the ledger look like as bytes.
 *
 * <p>Immutable; the buffer that is written to belongs to the caller.
 */
final class LineWriter {
    /** Bytes of an error text, escapes included. */
    static final int ERROR_BYTES_MAX = 1_024;
    /** Bytes of a response code: JMeter puts exception class names there. */
    static final int CODE_BYTES_MAX = 256;
    /** A longer label is cut as the receiver would cut it, so that both name it alike. */
    static final int LABEL_BYTES_MAX = 512;

    static final int LABEL_BYTES_KEPT = 494;
    private static final int LABEL_HASH_BYTES = 6;
    private static final String LABEL_EMPTY = "__empty__";
    /** Beyond it an end is a clock fault: the receiver takes nothing longer than a day. */
    private static final long END_AGE_MS_MAX = 24L * 3_600 * 1_000;

    private static final long END_AHEAD_MS_MAX = 1_000;

    private final byte[] samplePrefix;
    private final byte[] usersPrefix;
    private final byte[] ledgerPrefix;

    LineWriter(String flood, String source) {
        byte[] floodTag = new LineBufferBytes().tag("flood", flood).bytes();
        byte[] sourceTag = new LineBufferBytes().tag("source", source).bytes();
        samplePrefix = new LineBufferBytes().ascii("sample").raw(floodTag).ascii(",label=").bytes();
        usersPrefix = new LineBufferBytes().ascii("users").raw(floodTag).raw(sourceTag).ascii(" active=").bytes();
        ledgerPrefix = new LineBufferBytes().ascii("ledger").raw(floodTag).raw(sourceTag).ascii(" seq=").bytes();
    }

    /**
     * One finished sample, newline included.
     *
     * @param nowMs wall clock; stands in for an end that cannot be true
     * @return the number of bytes the line has without its error text, for {@link #withoutError}
     */
    int sample(LineBuffer out, SampleResult result, boolean transaction, long nowMs) {
        out.append(samplePrefix);
        appendLabel(out, result.getSampleLabel());
        out.appendAscii(" rt=").append(result.getTime());
        out.appendAscii(result.isSuccessful() ? ",ok=t" : ",ok=f");
        String code = result.getResponseCode();
        if (code != null && !code.isEmpty()) {
            out.appendAscii(",code=\"").appendQuotable(utf8(code), CODE_BYTES_MAX).append('"');
        }
        if (isLatencyMeasured(result)) {
            out.appendAscii(",lat=").append(result.getLatency());
        }
        // A reused connection has 0 as well: "not measured" is the truthful reading for nearly all of them.
        if (result.getConnectTime() > 0) {
            out.appendAscii(",conn=").append(result.getConnectTime());
        }
        out.appendAscii(",rx=").append(result.getBytesAsLong()).append('i');
        out.appendAscii(",tx=").append(result.getSentBytes()).append('i');
        if (transaction) {
            out.appendAscii(",kind=\"transaction\"");
        }
        int errorFrom = out.length();
        if (!result.isSuccessful()) {
            String error = errorText(result);
            if (!error.isEmpty()) {
                out.appendAscii(",error=\"").appendQuotable(utf8(error), ERROR_BYTES_MAX).append('"');
            }
        }
        appendEnd(out, result, nowMs);
        return errorFrom;
    }

    /** Shortens a line that {@link #sample} has written by its error text. */
    void withoutError(LineBuffer out, int errorFrom, SampleResult result, long nowMs) {
        out.cutTo(errorFrom);
        appendEnd(out, result, nowMs);
    }

    /** How many users run, newline included. */
    void users(LineBuffer out, int active, int started, int finished, long nowMs) {
        out.append(usersPrefix).append(active);
        out.appendAscii("i,started=").append(started);
        out.appendAscii("i,finished=").append(finished).append('i');
        appendTime(out, nowMs);
    }

    /** The account that ends every datagram, newline included. */
    void ledger(LineBuffer out, Ledger ledger, boolean last) {
        out.append(ledgerPrefix).append(ledger.seq());
        out.appendAscii("i,samples=").append(ledger.samples());
        out.appendAscii("i,truncated=").append(ledger.truncated()).append('i');
        out.appendAscii(last ? ",final=t\n" : "\n");
    }

    /** The most bytes a line of {@link #ledger} can have. */
    int ledgerBytesMax() {
        return ledgerPrefix.length + "i,samples=i,truncated=i,final=t\n".length() + 3 * 20;
    }

    private static void appendLabel(LineBuffer out, String label) {
        byte[] text = utf8(label == null || label.isEmpty() ? LABEL_EMPTY : label);
        if (text.length <= LABEL_BYTES_MAX) {
            out.appendUrlEncoded(text, text.length);
            return;
        }
        int kept = LABEL_BYTES_KEPT;
        while ((text[kept] & 0xC0) == 0x80) {
            kept--;
        }
        out.appendUrlEncoded(text, kept).appendAscii("%E2%80%A6");
        byte[] hash = sha256(text);
        for (int i = 0; i < LABEL_HASH_BYTES; i++) {
            out.append(Character.forDigit((hash[i] >> 4) & 0xF, 16)).append(Character.forDigit(hash[i] & 0xF, 16));
        }
    }

    /** JMeter's 0 means both "at once" and "no such thing": a URL and a numeric code tell them apart. */
    private static boolean isLatencyMeasured(SampleResult result) {
        if (result.getLatency() > 0) {
            return true;
        }
        String code = result.getResponseCode();
        return result.getURL() != null && code != null && code.length() == 3 && Character.isDigit(code.charAt(0));
    }

    private static String errorText(SampleResult result) {
        for (AssertionResult assertion : result.getAssertionResults()) {
            if (assertion.isFailure() || assertion.isError()) {
                String message = assertion.getFailureMessage();
                return message == null || message.isEmpty() ? assertion.getName() : message;
            }
        }
        String message = result.getResponseMessage();
        return message == null ? "" : message;
    }

    private static void appendEnd(LineBuffer out, SampleResult result, long nowMs) {
        long endMs = result.getEndTime();
        boolean sane = endMs > nowMs - END_AGE_MS_MAX && endMs <= nowMs + END_AHEAD_MS_MAX;
        appendTime(out, sane ? endMs : nowMs);
    }

    private static void appendTime(LineBuffer out, long ms) {
        out.append(' ').append(ms).appendAscii("000000\n");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] sha256(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }

    /** Builds the constant beginnings of the lines. */
    private static final class LineBufferBytes {
        private final LineBuffer out = new LineBuffer();

        LineBufferBytes ascii(String text) {
            out.appendAscii(text);
            return this;
        }

        LineBufferBytes raw(byte[] bytes) {
            out.append(bytes);
            return this;
        }

        LineBufferBytes tag(String key, String value) {
            out.append(',').appendAscii(key).append('=').appendTagValue(utf8(value));
            return this;
        }

        byte[] bytes() {
            return java.util.Arrays.copyOf(out.array(), out.length());
        }
    }
}
