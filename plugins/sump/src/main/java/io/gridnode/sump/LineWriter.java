package io.gridnode.sump;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Writes the lines of the sump's sample dialect: what a sample, the users and the ledger look like as bytes.
 *
 * <p>Immutable; the buffer that is written to belongs to the caller.
 */
public class LineWriter {
    /** Bytes of an error text, escapes included. */
    static final int ERROR_BYTES_MAX = 1_024;
    /** Bytes of a response code: some tools put exception class names there. */
    static final int CODE_BYTES_MAX = 256;
    /** A longer label is cut as the receiver would cut it, so that both name it alike. */
    static final int LABEL_BYTES_MAX = 512;

    static final int LABEL_BYTES_KEPT = 494;
    private static final int LABEL_HASH_BYTES = 6;
    private static final String LABEL_EMPTY = "__empty__";
    /** Beyond it an end is a clock fault: the receiver takes nothing longer than a day. */
    private static final long END_AGE_MS_MAX = 24L * 3_600 * 1_000;

    private static final long END_AHEAD_MS_MAX = 1_000;

    private static final byte[] RT = ascii(" rt=");
    private static final byte[] OK = ascii(",ok=t");
    private static final byte[] FAILED = ascii(",ok=f");
    private static final byte[] CODE = ascii(",code=\"");
    private static final byte[] LATENCY = ascii(",lat=");
    private static final byte[] CONNECT = ascii(",conn=");
    private static final byte[] RX = ascii(",rx=");
    private static final byte[] TX = ascii(",tx=");
    private static final byte[] TRANSACTION = ascii(",kind=\"transaction\"");
    private static final byte[] ERROR = ascii(",error=\"");
    private static final byte[] MS_TO_NS = ascii("000000\n");

    /** Fragments of the line before that the next one is likely to have, too. Not thread safe. */
    static final class Remembered {
        private String code;
        private byte[] codeField;
        private long second = -1;
        private byte[] secondText;

        byte[] code(String next) {
            if (!next.equals(code)) {
                codeField = new LineBuffer().append(CODE).appendQuotable(next, CODE_BYTES_MAX).append('"').bytes();
                code = next;
            }
            return codeField;
        }

        byte[] second(long next) {
            if (next != second) {
                secondText = new LineBuffer().append(' ').append(next).bytes();
                second = next;
            }
            return secondText;
        }
    }

    private final byte[] samplePrefix;
    private final byte[] usersPrefix;
    private final byte[] ledgerPrefix;

    LineWriter(String flood, String source) {
        byte[] floodTag = tag("flood", flood);
        byte[] sourceTag = tag("source", source);
        samplePrefix = new LineBuffer().appendAscii("sample").append(floodTag).appendAscii(",label=").bytes();
        usersPrefix = new LineBuffer().appendAscii("users").append(floodTag).append(sourceTag).appendAscii(" active=").bytes();
        ledgerPrefix = new LineBuffer().appendAscii("ledger").append(floodTag).append(sourceTag).appendAscii(" seq=").bytes();
    }

    /**
     * A label as it stands in a line: URL-encoded, cut to {@value #LABEL_BYTES_MAX} bytes of text. For callers that keep
     * the bytes of labels that come again and again.
     */
    public static byte[] encodeLabel(String label) {
        LineBuffer out = new LineBuffer();
        appendLabel(out, label);
        return out.bytes();
    }

    /**
     * One finished sample, newline included.
     *
     * @param last what the caller's lines before had
     * @param nowMs wall clock; stands in for an end that cannot be true
     * @return the number of bytes the line has without its error text, for {@link #withoutError}
     */
    int sample(LineBuffer out, Remembered last, Sample sample, long nowMs) {
        out.append(samplePrefix);
        if (sample.encodedLabel != null) {
            out.append(sample.encodedLabel);
        } else {
            appendLabel(out, sample.label);
        }
        appendMs(out.append(RT), sample.rtMs, sample.rtRestUs);
        out.append(sample.ok ? OK : FAILED);
        if (sample.code != null && !sample.code.isEmpty()) {
            out.append(last.code(sample.code));
        }
        if (sample.latencyMs >= 0) {
            appendMs(out.append(LATENCY), sample.latencyMs, sample.latencyRestUs);
        }
        if (sample.connectMs >= 0) {
            appendMs(out.append(CONNECT), sample.connectMs, sample.connectRestUs);
        }
        if (sample.rxBytes >= 0) {
            out.append(RX).append(sample.rxBytes).append('i');
        }
        if (sample.txBytes >= 0) {
            out.append(TX).append(sample.txBytes).append('i');
        }
        if (sample.transaction) {
            out.append(TRANSACTION);
        }
        int errorFrom = out.length();
        if (sample.error != null && !sample.error.isEmpty()) {
            out.append(ERROR).appendQuotable(sample.error, ERROR_BYTES_MAX).append('"');
        }
        appendEnd(out, last, sample.endMs, nowMs);
        return errorFrom;
    }

    /** Shortens a line that {@link #sample} has written by its error text. */
    void withoutError(LineBuffer out, Remembered last, int errorFrom, Sample sample, long nowMs) {
        out.cutTo(errorFrom);
        appendEnd(out, last, sample.endMs, nowMs);
    }

    /** How many users run, newline included. */
    void users(LineBuffer out, UserCounts users, long nowMs) {
        out.append(usersPrefix).append(users.active);
        out.appendAscii("i,started=").append(users.started);
        out.appendAscii("i,finished=").append(users.finished).append('i');
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

    private static byte[] tag(String key, String value) {
        return new LineBuffer().append(',').appendAscii(key).append('=').appendTagValue(utf8(value)).bytes();
    }

    private static void appendLabel(LineBuffer out, String label) {
        String name = label == null || label.isEmpty() ? LABEL_EMPTY : label;
        if (name.length() <= LABEL_BYTES_MAX && LineBuffer.isAscii(name)) {
            out.appendUrlEncoded(name);
            return;
        }
        byte[] text = utf8(name);
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

    /** Whole numbers stay so: most tools measure in ms, and three zeros a time would only be bytes. */
    private static void appendMs(LineBuffer out, long ms, int restUs) {
        out.append(ms);
        if (restUs != 0) {
            out.append('.').append((char) ('0' + restUs / 100));
            out.append((char) ('0' + restUs / 10 % 10)).append((char) ('0' + restUs % 10));
        }
    }

    private static void appendEnd(LineBuffer out, Remembered last, long endMs, long nowMs) {
        boolean sane = endMs > nowMs - END_AGE_MS_MAX && endMs <= nowMs + END_AHEAD_MS_MAX;
        long ms = sane ? endMs : nowMs;
        out.append(last.second(ms / 1_000)).appendDigits(ms % 1_000, 3).append(MS_TO_NS);
    }

    private static void appendTime(LineBuffer out, long ms) {
        out.append(' ').append(ms).append(MS_TO_NS);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
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
}
