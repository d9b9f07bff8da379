package io.gridnode.sump;

import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

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
    /** Beyond it an end is a clock fault: the receiver takes nothing longer than a day. */
    private static final long END_AGE_MS_MAX = 24L * 3_600 * 1_000;

    private static final long END_AHEAD_MS_MAX = 1_000;
    /** An end this near to what the clock said last is true without asking it again. */
    private static final long CLOCK_MS = 500;

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

    /** Parts of the line before that the next one is likely to have, too. Not thread safe. */
    static final class Remembered {
        private boolean ok;
        private String code;
        private byte[] outcome;

        /** Far from every end, without overflow. */
        private long clockMs = Long.MIN_VALUE / 2;
        private long endMs = Long.MIN_VALUE;
        private byte[] end;

        private byte[] outcome(boolean nextOk, String nextCode) {
            if (nextCode == null || nextCode.isEmpty()) {
                return nextOk ? OK : FAILED;
            }
            if (nextOk != ok || !nextCode.equals(code)) {
                LineBuffer field = new LineBuffer().append(nextOk ? OK : FAILED).append(CODE);
                outcome = field.appendQuotable(nextCode, CODE_BYTES_MAX).append('"').bytes();
                ok = nextOk;
                code = nextCode;
            }
            return outcome;
        }

        private byte[] end(long nextMs) {
            if (nextMs != endMs) {
                end = appendTime(new LineBuffer(32), nextMs).bytes();
                endMs = nextMs;
            }
            return end;
        }
    }

    private final LongSupplier clock;
    private final LineHead head;
    private final byte[] usersPrefix;
    private final byte[] ledgerPrefix;

    /** @param clock the wall clock in ms; stands in for a sample's end that cannot be true */
    LineWriter(String flood, String source, LongSupplier clock) {
        this.clock = clock;
        head = new LineHead(flood);
        byte[] tags = new LineBuffer().appendTag("flood", flood).appendTag("source", source).bytes();
        usersPrefix = new LineBuffer().appendAscii("users").append(tags).appendAscii(" active=").bytes();
        ledgerPrefix = new LineBuffer().appendAscii("ledger").append(tags).appendAscii(" seq=").bytes();
    }

    /**
     * One finished sample, newline included.
     *
     * @param last what the caller's lines before had
     * @return where its error text begins in the buffer, for {@link #withoutError}
     */
    int sample(LineBuffer out, Remembered last, Sample sample) {
        out.append(sample.head != null ? sample.head : head.of(sample.label));
        appendMs(out, sample.rtMs, sample.rtRestUs);
        out.append(last.outcome(sample.ok, sample.code));
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
        appendEnd(out, last, sample.endMs);
        return errorFrom;
    }

    /** Shortens a line that {@link #sample} has written by its error text. */
    void withoutError(LineBuffer out, Remembered last, int errorFrom, Sample sample) {
        out.cutTo(errorFrom);
        appendEnd(out, last, sample.endMs);
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

    /** Whole numbers stay so: most tools measure in ms, and three zeros a time would only be bytes. */
    private static void appendMs(LineBuffer out, long ms, int restUs) {
        out.append(ms);
        if (restUs != 0) {
            out.append('.').appendDigits(restUs, 3);
        }
    }

    private void appendEnd(LineBuffer out, Remembered last, long endMs) {
        long ms = endMs;
        if (Math.abs(ms - last.clockMs) > CLOCK_MS) {
            last.clockMs = clock.getAsLong();
            if (ms <= last.clockMs - END_AGE_MS_MAX || ms > last.clockMs + END_AHEAD_MS_MAX) {
                ms = last.clockMs;
            }
        }
        out.append(last.end(ms));
    }

    private static LineBuffer appendTime(LineBuffer out, long ms) {
        return out.append(' ').append(ms).append(MS_TO_NS);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
